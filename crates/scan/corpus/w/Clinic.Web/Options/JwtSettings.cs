namespace Clinic.Web.Options
{
    public class JwtSettings
    {
        public const string SectionName = "JwtSettings";
        public string Secret { get; set; } = "clinic-jwt-settings-default";
        public string Issuer { get; set; } = "clinic";
        public int ExpiryMinutes { get; set; } = 60;
    }
}
