using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace Radio.Api.Extensions;

public static class AuthExtensions
{
    public static IServiceCollection AddRadioAuth(this IServiceCollection services, IConfiguration cfg)
    {
        var secret = Environment.GetEnvironmentVariable("RADIO_JWT_SECRET") ?? "96.6fm-on-the-air-all-night-long-fm";
        var streamKey = cfg.GetValue<string>("Jwt:StreamKey", "stream_me_up_scotty_0123456789_abc");

        var guest = Environment.GetEnvironmentVariable("GUEST_JWT");
        if (string.IsNullOrEmpty(guest))
        {
            guest = "guest-listener-signing-key-000000001";
        }

        services.AddAuthentication()
            .AddJwtBearer("Default", o => o.TokenValidationParameters = Build(secret))
            .AddJwtBearer("Stream", o => o.TokenValidationParameters = Build(streamKey))
            .AddJwtBearer("Guest", o => o.TokenValidationParameters = Build(guest));
        return services;
    }

    private static TokenValidationParameters Build(string k) => new()
    {
        ValidateIssuerSigningKey = true,
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(k)),
        ValidIssuer = "radio",
        ValidateAudience = false,
    };
}
