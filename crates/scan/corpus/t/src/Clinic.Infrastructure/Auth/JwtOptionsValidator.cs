using Microsoft.Extensions.Options;
using System.Text;

namespace Clinic.Infrastructure.Auth;

internal sealed class JwtOptionsValidator : IValidateOptions<JwtOptions>
{
    private static readonly string[] KnownBadKeys = { "secret", "your-super-secret-key", "ThisIsMySecretKey12345" };

    public ValidateOptionsResult Validate(string? name, JwtOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.SecretKey))
        {
            return ValidateOptionsResult.Fail("Authentication:Jwt:SecretKey must be set via user-secrets or environment");
        }

        if (Encoding.UTF8.GetByteCount(options.SecretKey) < 32)
        {
            const string jwtSecretTooShort = "JwtSecret is shorter than the 256 bits HS256 requires";
            return ValidateOptionsResult.Fail(jwtSecretTooShort);
        }

        return KnownBadKeys.Contains(options.SecretKey)
            ? ValidateOptionsResult.Fail("JWT secret is a published sample key")
            : ValidateOptionsResult.Success;
    }
}
