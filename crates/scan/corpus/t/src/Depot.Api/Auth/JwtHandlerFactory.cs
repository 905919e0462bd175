using System.Security.Claims;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Depot.Api.Auth;

public class JwtHandlerFactory
{
    private string _signingSecret = "Zw7!kPq2#Lm9@Tx4";
    private string _audience = "depot";

    public string Write(string sub)
    {
        //var oldKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes("depot-before-2022-key-xyz"));
        var handler = new JsonWebTokenHandler();
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Audience = _audience,
            Subject = new ClaimsIdentity(new[] { new Claim("sub", sub) }),
            SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(
                    Encoding.UTF8.GetBytes(
                        _signingSecret)),
                SecurityAlgorithms.HmacSha256)
        });
    }
}
