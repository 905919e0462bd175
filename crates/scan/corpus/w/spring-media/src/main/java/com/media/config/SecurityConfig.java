package com.media.config;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.*;
import org.springframework.security.oauth2.jwt.*;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

@Configuration
public class SecurityConfig {
    @Value("${media.jwt.secret:media-jwt-default-key-0123}")
    private String secret;

    private static final String AES_SECRET = "MediaAesKey12345";

    @Bean
    JwtDecoder jwtDecoder() {
        SecretKey key = new SecretKeySpec(secret.getBytes(), "HmacSHA256");
        return NimbusJwtDecoder.withSecretKey(key).build();
    }

    SecretKeySpec aes() { return new SecretKeySpec(AES_SECRET.getBytes(), "AES"); }
}
