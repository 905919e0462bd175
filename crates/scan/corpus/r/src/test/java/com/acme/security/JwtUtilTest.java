package com.acme.security;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import org.junit.jupiter.api.Test;
import static org.junit.jupiter.api.Assertions.*;

class JwtUtilTest {
    @Test
    void rejectsForeignSignature() {
        String t = Jwts.builder().setSubject("x").signWith(SignatureAlgorithm.HS512, "b3RoZXItc2VjcmV0").compact();
        assertThrows(Exception.class, () -> new JwtUtil().parse(t));
    }
}
