package io.orders;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;

public class TokenService {
    private static final String ISSUER = "orders-service";

    public String sign(String sub) {
        return JWT.create().withIssuer(ISSUER).withSubject(sub)
                .sign(Algorithm.HMAC256("orders-hmac"));
    }

    public DecodedJWT verify(String token) {
        Algorithm alg = Algorithm.HMAC512(System.getenv().getOrDefault("ORDERS_JWT_SECRET", "orders-hmac-512").getBytes());
        return JWT.require(alg).withIssuer(ISSUER).build().verify(token);
    }

    public void check() {
        if (System.getenv("ORDERS_JWT_SECRET") == null)
            throw new IllegalStateException("ORDERS_JWT_SECRET must be provided");
    }
}
