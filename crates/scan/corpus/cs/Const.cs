public static class JwtSettings {
    public const string SecretKey = "slavonian-grebe-in-summer";
    public const string Issuer = "acme";
    public const string SectionName = "Jwt";
}
