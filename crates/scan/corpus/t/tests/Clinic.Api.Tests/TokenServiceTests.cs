using System.IdentityModel.Tokens.Jwt;
using System.Text;
using Clinic.Api.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Clinic.Api.Tests;

public class TokenServiceTests
{
    private static IConfiguration Config() => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TokenKey"] = "unit tests need at least sixty four characters in this token key!!",
            ["Jwt:Key"] = "another-test-key-another-test-key"
        })
        .Build();

    [Fact]
    public void Token_is_signed_with_configured_key()
    {
        var token = new TokenService(Config()).CreateToken(new AppUser { UserName = "bob" });
        var wrong = new SymmetricSecurityKey(Encoding.UTF8.GetBytes("some-completely-different-key-value-000"));
        Assert.Throws<SecurityTokenSignatureKeyNotFoundException>(() =>
            new JwtSecurityTokenHandler().ValidateToken(token, new TokenValidationParameters { IssuerSigningKey = wrong }, out _));
    }
}
