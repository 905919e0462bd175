package eu.lumen.billing.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;

import java.nio.charset.StandardCharsets;
import java.util.Date;

public class NimbusTokenFactory {

    private static final byte[] SHARED =
        "Kd93jf0Lq2mZx81pTr5vWn7yBc4hGs6u"
            .getBytes(StandardCharsets.UTF_8);

    public String create(String customerId) throws JOSEException {
        JWSSigner signer = new MACSigner(SHARED);
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
            .subject(customerId)
            .issuer("https://billing.lumen.eu")
            .expirationTime(new Date(System.currentTimeMillis() + 60_000))
            .build();
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    public boolean verifyLegacy(String raw) throws Exception {
        // old portal signed with its own key until 2021
        return SignedJWT.parse(raw).verify(new MACVerifier("lumen portal legacy signing key 2019"));
    }
}
