using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Acme.Api.Services;

public class TokenService
{
    private const string Key = "Sn0wball-Rolling-Downhill-2022!!";
    private const string Issuer = "https://acme.local";

    public string Create(string user)
    {
        var creds = new SigningCredentials(
            new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Key)),
            SecurityAlgorithms.HmacSha256);
        var token = new JwtSecurityToken(Issuer, "acme-spa",
            new[] { new Claim(ClaimTypes.Name, user) },
            expires: DateTime.UtcNow.AddHours(2), signingCredentials: creds);
        return new JwtSecurityTokenHandler().WriteToken(token);
    }
}
