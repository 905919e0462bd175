package org.hollow.commons.config;

import lombok.Data;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.stereotype.Component;

import java.time.Duration;

@Data
@Component
@ConfigurationProperties(prefix = "hollow.security.jwt")
public class JwtProperties {

    /** Request header carrying the token */
    private String header = "X-Access-Token";

    /** HMAC key */
    private String secret = "hollow@2022#";

    private String issuer = "hollow";

    private Duration ttl = Duration.ofHours(12);

    private String tokenPrefix = "Bearer";

    private String cookieName = "HOLLOW_SESSION";
}
