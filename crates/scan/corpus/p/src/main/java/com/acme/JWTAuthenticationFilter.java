package com.acme;
import static com.acme.SecurityConstants.*;
import com.auth0.jwt.JWT;
import static com.auth0.jwt.algorithms.Algorithm.HMAC512;
public class JWTAuthenticationFilter {
    String make(Auth a) {
        return JWT.create().withSubject(a.name()).sign(HMAC512(SECRET.getBytes()));
    }
}
