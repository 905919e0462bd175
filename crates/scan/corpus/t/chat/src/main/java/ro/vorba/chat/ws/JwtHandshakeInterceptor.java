package ro.vorba.chat.ws;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.web.socket.server.HandshakeInterceptor;

import javax.crypto.SecretKey;
import java.nio.charset.StandardCharsets;

public abstract class JwtHandshakeInterceptor implements HandshakeInterceptor {

    @Autowired
    private Environment environment;

    private SecretKey signingKey() {
        String raw = environment.getProperty(
            "vorba.websocket.jwt-secret",
            "vorba-websocket-signing-key-for-dev-only-0001"
        );
        return Keys.hmacShaKeyFor(raw.getBytes(StandardCharsets.UTF_8));
    }

    protected String subject(String token) {
        return Jwts.parser()
            .verifyWith(signingKey())
            .requireIssuer("vorba-chat")
            .build()
            .parseSignedClaims(token)
            .getPayload()
            .getSubject();
    }
}
