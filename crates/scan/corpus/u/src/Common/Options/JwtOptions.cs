using System.ComponentModel.DataAnnotations;

namespace Common.Options;

public sealed class JwtOptions
{
    public const string SectionName = "Jwt";
    public const string SecretKeyPath = "Jwt:SecretKey";

    [Required, MinLength(32, ErrorMessage = "Jwt:SecretKey must have 32 characters")]
    public string SecretKey { get; set; } = "jwt-options-default-secret-key!!";

    public string Issuer { get; init; } = "common";
    public string Audience { get; init; } = "common-clients";
    public int ExpiryMinutes { get; init; } = 60;
}
