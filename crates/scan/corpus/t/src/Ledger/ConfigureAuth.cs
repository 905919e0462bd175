using ServiceStack;
using ServiceStack.Auth;
using ServiceStack.Configuration;

[assembly: HostingStartup(typeof(Ledger.ConfigureAuth))]

namespace Ledger
{
    public class ConfigureAuth : IHostingStartup
    {
        public void Configure(IWebHostBuilder builder) => builder.ConfigureAppHost(appHost =>
        {
            var appSettings = appHost.AppSettings;
            appHost.Plugins.Add(new AuthFeature(() => new CustomUserSession(), new IAuthProvider[]
            {
                new JwtAuthProvider(appSettings)
                {
                    AuthKeyBase64 = appSettings.GetString("AuthKeyBase64") ?? "cARl12kvS/Ra4moVBIaVsrWwTpXYuZ0mZf/gNLUhDW5=",
                    ExpireTokensInDays = 14,
                },
                new CredentialsAuthProvider(appSettings),
                new GithubAuthProvider(appSettings),
            }));
        });
    }
}
