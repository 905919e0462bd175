@Configuration
public class ResourceConfig {
  @Bean
  public JwtAccessTokenConverter accessTokenConverter() {
    JwtAccessTokenConverter converter = new JwtAccessTokenConverter();
    converter.setSigningKey("spring-oauth-signing");
    return converter;
  }
  @Bean JwtDecoder decoder() {
    return NimbusJwtDecoder.withSecretKey(new SecretKeySpec("decoder-secret-value".getBytes(), "HmacSHA256")).build();
  }
}
