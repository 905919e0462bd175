package com.alibou.booknet.util;

import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Encrypts the IBAN column. Not used for tokens.
 */
public final class AesEncryptor {

    private static final String SECRET_KEY = "Bar12345Bar12345";
    private static final String INIT_VECTOR = "RandomInitVector";

    private AesEncryptor() {
    }

    public static String encrypt(String value) {
        try {
            IvParameterSpec iv = new IvParameterSpec(INIT_VECTOR.getBytes(StandardCharsets.UTF_8));
            SecretKeySpec spec = new SecretKeySpec(SECRET_KEY.getBytes(StandardCharsets.UTF_8), "AES");
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5PADDING");
            cipher.init(Cipher.ENCRYPT_MODE, spec, iv);
            return Base64.getEncoder().encodeToString(cipher.doFinal(value.getBytes()));
        } catch (Exception ex) {
            throw new IllegalStateException("could not encrypt", ex);
        }
    }
}
