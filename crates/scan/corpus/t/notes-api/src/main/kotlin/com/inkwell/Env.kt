package com.inkwell

import io.jsonwebtoken.Jwts
import io.jsonwebtoken.security.Keys

private fun required(name: String): String =
    System.getenv(name)?.takeIf { it.isNotBlank() } ?: error("missing environment variable $name")

object Env {
    val jwtSecret: String = required("INKWELL_JWT_SECRET")
    val jwtRefreshSecret: String = System.getenv("JWT_REFRESH_SECRET")
        ?: throw IllegalStateException("JWT_REFRESH_SECRET must be at least 32 characters")
    val sessionCookie: String = System.getenv("SESSION_COOKIE") ?: "inkwell_sid"
}

fun refreshToken(sub: String): String =
    Jwts.builder().subject(sub).signWith(Keys.hmacShaKeyFor(Env.jwtRefreshSecret.toByteArray())).compact()

fun inviteToken(mail: String): String =
    Jwts.builder()
        .subject(mail)
        .claim("typ", "invite")
        .signWith(Keys.hmacShaKeyFor("""inkwell~invite~links~are~signed~with~this""".toByteArray()))
        .compact()
