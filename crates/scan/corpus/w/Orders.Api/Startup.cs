using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

public class Startup
{
    public void ConfigureServices(IServiceCollection services)
    {
        var issuer = Configuration["Jwt:Issuer"] ?? "orders-api";
        var audience = Configuration["Jwt:Audience"] ?? "orders-clients";
        var minutes = Configuration["Jwt:ExpiryMinutes"] ?? "60";
        var secretKey = Configuration["Jwt:Secret"];
        if (string.IsNullOrEmpty(secretKey))
        {
            secretKey = "orders-api-isnullorempty-default";
        }
        services.AddAuthentication("Bearer").AddJwtBearer("Bearer", o =>
        {
            o.TokenValidationParameters = new TokenValidationParameters
            {
                ValidIssuer = issuer,
                ValidAudience = audience,
                IssuerSigningKey = new SymmetricSecurityKey(Encoding.ASCII.GetBytes(secretKey)),
            };
        });
        services.AddDataProtection().SetApplicationName("orders-jwt");
    }
}
