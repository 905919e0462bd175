using JWT.Algorithms;
using JWT.Builder;
using JWT.Exceptions;
using System;
using System.Collections.Generic;

namespace Kiosk.Server.Auth
{
    public static class KioskTokens
    {
        private static readonly string Signature = "kiosk!2020";

        public static string Create(Guid terminal)
        {
            return JwtBuilder.Create()
                .WithAlgorithm(new HMACSHA256Algorithm())
                .WithSecret(Signature)
                .AddClaim("exp", DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds())
                .AddClaim("terminal", terminal)
                .Encode();
        }

        public static IDictionary<string, object> ReadHandheld(string token)
        {
            try
            {
                return JwtBuilder.Create()
                    .WithAlgorithm(new HMACSHA256Algorithm())
                    .WithSecret("handheld-scanner-key")
                    .MustVerifySignature()
                    .Decode<IDictionary<string, object>>(token);
            }
            catch (SignatureVerificationException)
            {
                Console.WriteLine("Token has invalid signature, check secret");
                return null;
            }
        }
    }
}
