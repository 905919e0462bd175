package com.chat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;

@SpringBootTest(properties = "app.jwt.secret=spring-test-secret-value")
class JwtConfigTest {

    private static final String SECRET = "junit-secret";

    @Test
    void rejectsForeignSignature() {
        String token = JWT.create().withSubject("x").sign(Algorithm.HMAC256("not-the-secret"));
        org.junit.jupiter.api.Assertions.assertThrows(Exception.class,
                () -> JWT.require(Algorithm.HMAC256(SECRET)).build().verify(token));
    }
}
