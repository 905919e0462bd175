package org.portal.auth;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import io.jsonwebtoken.security.Keys;

import javax.servlet.*;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

public class TokenFilter implements Filter {
    private final java.security.Key partnerKey =
            Keys.hmacShaKeyFor("partner-exchange-key-partner-exchange".getBytes(StandardCharsets.UTF_8));

    @Override
    public void doFilter(ServletRequest req, ServletResponse res, FilterChain chain) throws IOException, ServletException {
        String token = req.getParameter("jwt_token");
        Claims claims = Jwts.parser().setSigningKey("portalSecret").parseClaimsJws(token).getBody();
        req.setAttribute("claims", claims);
        chain.doFilter(req, res);
    }

    static String issue(String user) {
        return Jwts.builder().setSubject(user)
                .signWith(SignatureAlgorithm.HS512, "portalSecret")
                .compact();
    }
}
