package org.hollow.commons.config;

import io.jsonwebtoken.SignatureAlgorithm;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.core.env.Environment;

import java.util.Set;

/** Refuses to start with a well-known key. */
public class JwtSecretGuard implements InitializingBean {

    private static final String JWT_SECRET_PROPERTY = "hollow.security.jwt.secret";
    private static final Set<String> WELL_KNOWN_SECRETS = Set.of("secret", "changeme", "your-256-bit-secret", "mySecretKey");

    private final Environment env;

    public JwtSecretGuard(Environment env) {
        this.env = env;
    }

    @Override
    public void afterPropertiesSet() {
        String jwtSecret = env.getProperty(JWT_SECRET_PROPERTY);
        if (jwtSecret == null || jwtSecret.isBlank()) {
            throw new IllegalStateException("hollow.security.jwt.secret must be set (export JWT_SECRET=...)");
        }
        if (WELL_KNOWN_SECRETS.contains(jwtSecret)) {
            throw new IllegalStateException("JWT secret '" + jwtSecret.charAt(0) + "***' is a published default");
        }
        if (jwtSecret.length() < 32) {
            throw new IllegalStateException("JWT secret too short for " + SignatureAlgorithm.HS256);
        }
    }
}
