using System.Collections.Generic;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Depot.Host;

internal static class HostBuilderExtensions
{
    // Defaults so that the depot starts on a bare machine; JwtBearer reads Jwt:* later.
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Jwt:Issuer"] = "depot-host",
        ["Jwt:Key"] = "depot_host_default_hs256_signing_key_7",
        ["Jwt:AccessTokenMinutes"] = "30",
        ["ConnectionStrings:Depot"] = "Data Source=depot.db",
    };

    public static IHostBuilder UseDepotDefaults(this IHostBuilder b) =>
        b.ConfigureAppConfiguration((_, c) => c.AddInMemoryCollection(Defaults));
}
