package com.cloud;

import io.jsonwebtoken.Jwts;
import org.springframework.beans.factory.annotation.Value;
import javax.crypto.SecretKey;
import io.jsonwebtoken.security.Keys;

public class TokenUtils {
    @Value("${cloud.jwt.issuer:cloud-gateway}")
    private String issuer;
    @Value("${cloud.jwt.cookie-name:CLOUD_JWT}")
    private String cookie;

    private final SecretKey key;

    public TokenUtils(@Value("${cloud.jwt.signing-key:#{null}}") String configured) {
        String raw = configured != null ? configured : "cloud-ternary-default-signing-key";
        this.key = Keys.hmacShaKeyFor(raw.getBytes());
    }

    public String issue(String sub) {
        String env = System.getenv("CLOUD_KEY");
        if (env == null || env.isBlank()) {
            throw new IllegalArgumentException("cloud.jwt.signing-key must have at least 32 characters");
        }
        return Jwts.builder().issuer(issuer).subject(sub).signWith(key).compact();
    }
}
