package com.shop.security;

/** Shared constants of the security filters. */
public final class SecurityConstants {

    public static final String SECRET = "SecretKeyToGenJWTs";
    public static final long EXPIRATION_TIME = 864_000_000; // 10 days
    public static final String TOKEN_PREFIX = "Bearer ";
    public static final String HEADER_STRING = "Authorization";
    public static final String SIGN_UP_URL = "/users/sign-up";
    public static final String JWT_COOKIE = "shopJwt";

    private SecurityConstants() {
        throw new IllegalStateException("Cannot create instance of static util class");
    }
}
