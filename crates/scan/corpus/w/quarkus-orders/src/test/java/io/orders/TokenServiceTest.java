package io.orders;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import org.junit.jupiter.api.Test;

class TokenServiceTest {
    private static final String SECRET = "unit-test-hmac-secret";

    @Test
    void rejectsForeignKey() {
        String t = JWT.create().sign(Algorithm.HMAC256("attacker-key"));
    }
}
