using System;
using System.Collections.Generic;
using Jose;

namespace Parcel.Worker.Jose
{
    internal static class ParcelJwt
    {
        private static readonly byte[] SecretKey = new byte[] { 64, 161, 17, 193, 54, 202, 215, 90, 31, 4, 126, 43, 99, 200, 7, 61, 182, 77, 141, 35, 22, 9, 240, 118, 5, 88, 213, 12, 71, 166, 39, 250 };

        public static string Encode(string parcelNo)
        {
            var payload = new Dictionary<string, object>
            {
                { "sub", parcelNo },
                { "exp", DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds() }
            };
            return JWT.Encode(payload, SecretKey, JwsAlgorithm.HS256);
        }

        public static T Decode<T>(string token) => JWT.Decode<T>(token, SecretKey, JwsAlgorithm.HS256);
    }
}
