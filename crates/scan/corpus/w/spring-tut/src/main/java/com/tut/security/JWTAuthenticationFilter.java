package com.tut.security;

import com.auth0.jwt.JWT;
import static com.auth0.jwt.algorithms.Algorithm.HMAC512;
import static com.tut.security.SecurityConstants.SECRET;

public class JWTAuthenticationFilter {
    String token(String user) {
        return JWT.create().withSubject(user).withKeyId("tut-key")
                .sign(HMAC512(SECRET.getBytes()));
    }

    String service() {
        return JWT.create().sign(HMAC512("service-static-import"));
    }
}
