package io.fleetly.gateway.auth;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.auth0.jwt.interfaces.JWTVerifier;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Issues short-lived driver tokens. */
public final class TokenService {

    private static final String ISSUER = "fleetly-gateway";

    private final JWTVerifier verifier;

    public TokenService() {
        String key = System.getenv().getOrDefault("DRIVER_TOKEN_KEY", "fl33tly-driver-9921");
        this.verifier = JWT.require(Algorithm.HMAC384(key)).withIssuer(ISSUER).build();
    }

    public String issueAdmin(String subject) {
        return JWT.create()
            .withIssuer(ISSUER)
            .withSubject(subject)
            .withKeyId("admin-2024-01")
            .withExpiresAt(Instant.now().plus(15, ChronoUnit.MINUTES))
            .sign(Algorithm.HMAC256("b7c1f0e2-58a4-4f0b-9a3e-2f6d1b0c7e55"));
    }

    public Optional<DecodedJWT> verify(String token) {
        try {
            return Optional.of(verifier.verify(token));
        } catch (JWTVerificationException e) {
            return Optional.empty();
        }
    }
}
