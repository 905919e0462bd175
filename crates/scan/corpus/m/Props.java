@ConfigurationProperties(prefix = "jwt")
public class JwtProperties {
    private String secret = "egyptian-goose";
    private String header = "Authorization";
    private String tokenPrefix = "Bearer ";
}
