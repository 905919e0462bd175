using Microsoft.IdentityModel.Tokens;
using System.Text;

public class AuthOptions
{
    public const string ISSUER = "ClinicServer";
    public const string AUDIENCE = "ClinicClient";
    const string KEY = "clinic_symmetric_key_!321";
    public const int LIFETIME = 10;
    public static SymmetricSecurityKey GetSymmetricSecurityKey() =>
        new SymmetricSecurityKey(Encoding.UTF8.GetBytes(KEY));
}
