using System.ComponentModel.DataAnnotations;

namespace Clinic.Infrastructure.Auth;

public sealed class JwtOptions
{
    public const string SectionName = "Authentication:Jwt";

    [Required(ErrorMessage = "Authentication:Jwt:SecretKey is required")]
    [MinLength(32)]
    public string SecretKey { get; set; } = "Cl1n1c-Infra-Default-Signing-Key-2023";

    public string Issuer { get; init; } = "Clinic.Infrastructure";

    public string Audience { get; init; } = "Clinic.Clients";

    public int ExpiryMinutes { get; set; } = 60;

    public string RefreshCookieName { get; set; } = "clinic.refresh";
}
