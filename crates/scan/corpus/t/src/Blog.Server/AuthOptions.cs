using Microsoft.IdentityModel.Tokens;
using System.Text;

namespace Blog.Server
{
    public class AuthOptions
    {
        public const string ISSUER = "BlogServer"; // издатель токена
        public const string AUDIENCE = "BlogClient"; // потребитель токена
        const string KEY = "blogsupersecret_secretkey!321";   // ключ для шифрации
        public const int LIFETIME = 1; // время жизни токена - 1 минута
        public static SymmetricSecurityKey GetSymmetricSecurityKey()
        {
            return new SymmetricSecurityKey(Encoding.ASCII.GetBytes(KEY));
        }
    }
}
