package io.k

import io.jsonwebtoken.Jwts
import io.jsonwebtoken.SignatureAlgorithm
import io.jsonwebtoken.security.Keys
import org.springframework.beans.factory.annotation.Value
import org.springframework.stereotype.Service

@Service
class JwtService(
    @Value("\${k.jwt.secret:kspring-value-default}") private val secret: String,
    @Value("\${k.jwt.issuer:kspring}") private val issuer: String,
    @Value("\${k.jwt.refresh-secret}") private val refresh: String,
) {
    fun sign(u: String): String = Jwts.builder().setSubject(u).signWith(Keys.hmacShaKeyFor(secret.toByteArray())).compact()

    fun short(u: String): String = Jwts.builder()
        .setSubject(u)
        .signWith(SignatureAlgorithm.HS512, "kspring-short".toByteArray())
        .compact()
}
