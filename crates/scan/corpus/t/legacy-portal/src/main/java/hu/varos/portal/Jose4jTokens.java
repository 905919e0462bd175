package hu.varos.portal;

import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.HmacKey;

import java.io.UnsupportedEncodingException;
import java.security.Key;

public class Jose4jTokens {

    private final Key key;

    public Jose4jTokens() throws UnsupportedEncodingException {
        this.key = new HmacKey("varosportal_titkos_kulcs_2017_aX93".getBytes("UTF-8"));
    }

    public String issue(String user) throws Exception {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer("varos-portal");
        claims.setAudience("varos-clients");
        claims.setExpirationTimeMinutesInTheFuture(20);
        claims.setSubject(user);
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(claims.toJson());
        jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        jws.setKey(key);
        return jws.getCompactSerialization();
    }

    JwtConsumer consumer() {
        return new JwtConsumerBuilder().setExpectedIssuer("varos-portal").setVerificationKey(key).build();
    }
}
