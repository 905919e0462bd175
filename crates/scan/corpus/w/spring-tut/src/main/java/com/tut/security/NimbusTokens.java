package com.tut.security;

import com.nimbusds.jose.*;
import com.nimbusds.jose.crypto.*;
import io.jsonwebtoken.*;
import org.springframework.core.env.Environment;
import javax.crypto.spec.SecretKeySpec;
import java.security.Key;
import java.util.Base64;

public class NimbusTokens {
    private String SECRET_KEY = "secret";
    private Environment env;

    Key key() {
        return new SecretKeySpec(
                Base64.getDecoder().decode("bmltYnVzLXRva2Vucy1zcGVjLWtleS0xMjM0NTY3ODk="),
                SignatureAlgorithm.HS256.getJcaName());
    }

    void sign(JWSObject o) throws JOSEException {
        o.sign(new MACSigner("1TjXchw5FloESb63Kc+DFhTARvpWL4jUGCwfGWxuG5SIf/1y/LgJxHnMqaF6A/ij"));
    }

    String jj(String u) {
        return Jwts.builder().setSubject(u).signWith(SignatureAlgorithm.HS256, SECRET_KEY).compact();
    }

    String prop() { return env.getProperty("tut.jwt.secret2", "tut-getproperty-default"); }

    String legacy(String u) {
        String k = env.getProperty("jwt.legacy.secret");
        return Jwts.builder().setId("legacy-jti").signWith(SignatureAlgorithm.HS256, k).compact();
    }
}
