package net.papaya.auth;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.stereotype.Component;

import java.util.Date;
import java.util.stream.Collectors;

import static net.papaya.auth.JwtConstants.*;

@Component
public class TokenProvider {

    public String generateToken(Authentication authentication) {
        String scopes = authentication.getAuthorities().stream()
            .map(GrantedAuthority::getAuthority).collect(Collectors.joining(","));
        return Jwts.builder()
            .setSubject(authentication.getName())
            .claim(AUTHORITIES_KEY, scopes)
            .signWith(SignatureAlgorithm.HS256, SIGNING_KEY)
            .setExpiration(new Date(System.currentTimeMillis() + ACCESS_TOKEN_VALIDITY_SECONDS * 1000))
            .compact();
    }

    Claims parse(String token) {
        // return Jwts.parser().setSigningKey("papaya_old_key").parseClaimsJws(token).getBody();
        return Jwts.parser().setSigningKey(SIGNING_KEY).parseClaimsJws(token).getBody();
    }
}
