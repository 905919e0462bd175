package com.tut.config;

import org.springframework.boot.context.properties.ConfigurationProperties;

@ConfigurationProperties(prefix = "tut.jwt")
public class JwtProperties {
    private String secret = "tut-properties-default";
    private String tokenHeader = "X-Tut-Token";
    private long ttl = 3600;

    public String getSecret() { return secret; }
    public void setSecret(String secret) { this.secret = secret; }
}
