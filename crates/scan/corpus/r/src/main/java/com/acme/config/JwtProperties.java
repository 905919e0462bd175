package com.acme.config;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;

@ConfigurationProperties(prefix = "app.jwt")
public class JwtProperties {
    @Value("${app.jwt.secret}")
    private String secret;

    @Value("${app.jwt.refresh-secret:Qm9vdHN0cmFwLXJlZnJlc2g}")
    private String refreshSecret;

    @Value("${app.jwt.issuer:acme}")
    private String issuer;

    public String getSecret() { return secret; }
    public void setSecret(String secret) { this.secret = secret; }
}
