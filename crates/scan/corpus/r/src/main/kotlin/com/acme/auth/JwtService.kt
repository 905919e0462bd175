package com.acme.auth

import io.jsonwebtoken.Jwts
import io.jsonwebtoken.security.Keys
import org.springframework.beans.factory.annotation.Value
import org.springframework.stereotype.Service

@Service
class JwtService(
    @Value("\${security.jwt.secret}") private val secret: String,
    @Value("\${security.jwt.partner:Partner-Handshake-Key-For-HS256-Ok}") private val partner: String,
) {
    fun sign(user: String): String =
        Jwts.builder().subject(user).signWith(Keys.hmacShaKeyFor(secret.toByteArray())).compact()

    fun partner(): String =
        Jwts.builder().subject("partner").signWith(Keys.hmacShaKeyFor(partner.toByteArray())).compact()
}
