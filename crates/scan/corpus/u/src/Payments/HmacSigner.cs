using System;
using System.Security.Cryptography;
using System.Text;

namespace Payments;

public class HmacSigner
{
    private const string SecretKey = "payu-merchant-secret";
    private const string MerchantId = "145227";

    public string Sign(string body)
    {
        using var h = new HMACSHA256(Encoding.UTF8.GetBytes(SecretKey));
        return Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes(body)));
    }

    public bool Verify(string body, string signature) => Sign(body) == signature;
}
