public void ConfigureServices(IServiceCollection services) {
  services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(o => {
    o.TokenValidationParameters = new TokenValidationParameters {
      ValidIssuer = "https://acme.io",
      IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes("startup-secret-key-1")),
    };
  });
  var token = new JwtBuilder().WithAlgorithm(new HMACSHA256Algorithm()).WithSecret("jwtbuilder-secret").Encode();
}
public class JwtSettings { public string Secret { get; set; } = "settings-class-default"; public string Issuer { get; set; } = "acme"; }
