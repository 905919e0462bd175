package com.alibou.booknet.security;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import io.jsonwebtoken.security.SignatureException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JwtServiceTest {

    private static final String SECRET = "unit-test-secret-unit-test-secret-unit-test";

    private JwtService service;

    @BeforeEach
    void setUp() {
        service = new JwtService();
        ReflectionTestUtils.setField(service, "secretKey", SECRET);
    }

    @Test
    void rejectsForeignSignature() {
        String forged = Jwts.builder().setSubject("eve")
            .signWith(SignatureAlgorithm.HS256, "attacker-key-attacker-key-attacker-key-00")
            .compact();
        assertThatThrownBy(() -> service.extractUsername(forged)).isInstanceOf(SignatureException.class);
    }
}
