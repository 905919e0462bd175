using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace Forum.Services
{
    /// <summary>Encrypts private messages at rest.</summary>
    public class CryptoService
    {
        private const string SecretKey = "E546C8DF278CD5931069B522E695D4F2";
        private readonly byte[] _hmacKey = Encoding.UTF8.GetBytes("forum-unsubscribe-links");

        public string EncryptString(string text)
        {
            using (var aes = Aes.Create())
            {
                aes.Key = Encoding.UTF8.GetBytes(SecretKey);
                aes.GenerateIV();
                using var ms = new MemoryStream();
                ms.Write(aes.IV, 0, aes.IV.Length);
                using (var cs = new CryptoStream(ms, aes.CreateEncryptor(), CryptoStreamMode.Write))
                using (var sw = new StreamWriter(cs)) sw.Write(text);
                return Convert.ToBase64String(ms.ToArray());
            }
        }

        public string UnsubscribeHash(string mail)
        {
            using var h = new HMACSHA256(_hmacKey);
            return Convert.ToHexString(h.ComputeHash(Encoding.UTF8.GetBytes(mail)));
        }
    }
}
