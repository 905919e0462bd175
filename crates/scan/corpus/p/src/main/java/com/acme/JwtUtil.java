package com.acme;
import io.jsonwebtoken.*;
@Component
public class JwtUtil {
    private final String SECRET_KEY = "QmFuYW5hUGFuY2FrZXNXaXRoU3lydXA";
    @Value("${jwt.header:Authorization}")
    private String header;
    @Value("${app.jwtSecret:bezKoderSecretKey}")
    private String jwtSecret;
    public String gen(String s) {
        return Jwts.builder().setSubject(s).signWith(SignatureAlgorithm.HS256, SECRET_KEY).compact();
    }
    private static final String TOKEN_PREFIX = "Bearer ";
}
