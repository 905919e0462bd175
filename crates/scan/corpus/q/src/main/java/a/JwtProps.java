@ConfigurationProperties(prefix = "jwt")
public class JwtProps {
  private String secret = "props-default-secret";
  private String tokenHeader = "Authorization";
  private Duration ttl = Duration.parse("PT1H");
}
