package org.shop.auth;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;

public class TokenIssuer {
    private final Algorithm algorithm = Algorithm.HMAC256("plum&pear&quince");

    public String issue(String subject) {
        return JWT.create().withIssuer("shop").withAudience("shop-app").withSubject(subject).sign(algorithm);
    }

    public DecodedJWT verify(String token) {
        return JWT.require(Algorithm.HMAC256(System.getenv("SHOP_JWT_SECRET"))).withIssuer("shop").build().verify(token);
    }
}
