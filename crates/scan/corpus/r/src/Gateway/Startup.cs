using System;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace Gateway
{
    public class Startup
    {
        public Startup(IConfiguration configuration) => Configuration = configuration;
        public IConfiguration Configuration { get; }

        private SecurityKey Key()
        {
            var raw = Configuration["Jwt:Key"] ?? throw new InvalidOperationException("Jwt:Key is not configured");
            return new SymmetricSecurityKey(Encoding.UTF8.GetBytes(raw));
        }

        private SecurityKey LegacyKey() =>
            new SymmetricSecurityKey(Encoding.ASCII.GetBytes("gateway_legacy_partner_key"));
    }
}
