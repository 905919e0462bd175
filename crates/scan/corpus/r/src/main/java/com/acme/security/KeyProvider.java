package com.acme.security;

import io.jsonwebtoken.io.Decoders;
import io.jsonwebtoken.security.Keys;
import javax.crypto.SecretKey;
import java.nio.charset.StandardCharsets;

public final class KeyProvider {
    private KeyProvider() {}

    public static SecretKey access() {
        return Keys.hmacShaKeyFor(
                "correct horse battery staple and then some more".getBytes(StandardCharsets.UTF_8));
    }

    public static SecretKey refresh() {
        byte[] raw = Decoders.BASE64.decode("bXktcmVmcmVzaC1rZXktd2hpY2gtaXMtbG9uZy1lbm91Z2gtZm9yLWhzMjU2");
        return Keys.hmacShaKeyFor(raw);
    }
}
