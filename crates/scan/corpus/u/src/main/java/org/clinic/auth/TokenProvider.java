package org.clinic.auth;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.crypto.SecretKey;
import java.nio.charset.StandardCharsets;
import java.util.Date;

public class TokenProvider {
    private static final Logger log = LoggerFactory.getLogger(TokenProvider.class);

    private final SecretKey key = Keys.hmacShaKeyFor(
            "clinic-portal-signing-key-please-rotate-2022".getBytes(StandardCharsets.UTF_8));

    public String create(String subject) {
        return Jwts.builder().subject(subject).issuer("clinic").expiration(new Date(System.currentTimeMillis() + 900_000)).signWith(key).compact();
    }

    public boolean validate(String token) {
        try {
            Jwts.parser().verifyWith(key).build().parseSignedClaims(token);
            return true;
        } catch (Exception e) {
            log.error("Invalid JWT signature, secret mismatch: {}", e.getMessage());
            return false;
        }
    }
}
