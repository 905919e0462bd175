package com.legacy.web;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;

import javax.servlet.http.*;
import javax.xml.bind.DatatypeConverter;
import java.io.IOException;

public class LoginServlet extends HttpServlet {

    @Override
    protected void doPost(HttpServletRequest req, HttpServletResponse resp) throws IOException {
        String user = req.getParameter("user");
        if (user == null) {
            resp.sendError(400, "jwt secret or user missing");
            return;
        }
        String compact = Jwts.builder()
                .setSubject(user)
                .setId("legacy-session")
                .signWith(SignatureAlgorithm.HS256, DatatypeConverter.parseBase64Binary("bGVnYWN5LXNlcnZsZXQtc2VjcmV0"))
                .compact();
        resp.getWriter().write(compact);
    }

    static String userOf(String jwt) {
        return Jwts.parser()
                .setSigningKey("bGVnYWN5LXNlcnZsZXQtc2VjcmV0")
                .parseClaimsJws(jwt).getBody().getSubject();
    }
}
