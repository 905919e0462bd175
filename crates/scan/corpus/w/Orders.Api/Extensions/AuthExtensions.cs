using System.Text;
using Microsoft.IdentityModel.Tokens;

public static class AuthExtensions
{
    public static TokenValidationParameters Build(IConfiguration config) => new()
    {
        ValidIssuer = config["JwtSettings:Issuer"] ?? "Orders",
        ValidAudiences = new[] { config["JwtSettings:Audience"] ?? "OrdersUsers" },
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(
            Environment.GetEnvironmentVariable("JWT_SECRET") ??
            config["JwtSettings:SecretKey"] ??
            "OrdersExtensionChainedFallbackKey")),
        NameClaimType = config["JwtSettings:NameClaim"] ?? "unique_name",
    };
}
