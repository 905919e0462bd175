namespace Shop
{
    public static class Settings
    {
        public static string Secret = "fedaf7d8863b48e197b9287d492b708e";
        public static string ConnectionString = "Server=.;Database=Shop;Trusted_Connection=True";
    }
}
