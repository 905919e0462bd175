package com.acme.security;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import org.springframework.stereotype.Component;
import java.util.Date;

@Component
public class JwtUtil {
    private static final String SECRET = "javainuse";
    private static final String HEADER = "Authorization";
    public static final String ROLE_CLAIM = "role";

    public String generate(String username) {
        return Jwts.builder()
                .setSubject(username)
                .setIssuer("acme-portal")
                .setExpiration(new Date(System.currentTimeMillis() + 3600_000))
                .signWith(SignatureAlgorithm.HS512, SECRET)
                .compact();
    }

    public Claims parse(String token) {
        return Jwts.parser().setSigningKey(SECRET).parseClaimsJws(token).getBody();
    }
}
