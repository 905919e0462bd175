using System.IdentityModel.Tokens.Jwt;
using System.Text;
using Microsoft.IdentityModel.Tokens;

public class AuthController : ControllerBase
{
    private readonly IConfiguration _config;

    private string Create(Claim[] claims)
    {
        var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(_config.GetSection("AppSettings:Token").Value));
        var creds = new SigningCredentials(key, SecurityAlgorithms.HmacSha512Signature);
        return new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken("dating-api", "dating-spa", claims, signingCredentials: creds));
    }

    private SecurityKey Raw() => new SymmetricSecurityKey(Convert.FromBase64String("ZGF0aW5nLWFwaS1iYXNlNjQta2V5LWZvci1obWFj"));
    private SecurityKey Utf8() => new SymmetricSecurityKey("dating-u8-literal-signing-key-value"u8.ToArray());
    private SecurityKey Opt() => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(_config.GetValue<string>("Jwt:Key", "dating-getvalue-default")));
}
