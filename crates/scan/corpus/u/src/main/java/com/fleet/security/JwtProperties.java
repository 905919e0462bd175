package com.fleet.security;

import org.springframework.boot.context.properties.ConfigurationProperties;

@ConfigurationProperties(prefix = "app.jwt")
public class JwtProperties {

    private String secret = "fleet-default-jwt-secret";
    private String header = "Authorization";
    private String issuer = "fleet";
    private long expiration = 3600L;

    public String getSecret() { return secret; }
    public void setSecret(String secret) { this.secret = secret; }
    public String getHeader() { return header; }
    public void setHeader(String header) { this.header = header; }
    public String getIssuer() { return issuer; }
    public void setIssuer(String issuer) { this.issuer = issuer; }
    public long getExpiration() { return expiration; }
    public void setExpiration(long expiration) { this.expiration = expiration; }
}
