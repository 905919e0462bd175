package com.rides.security

import io.jsonwebtoken.Jwts
import io.jsonwebtoken.security.Keys
import org.springframework.stereotype.Component
import java.util.Date

@Component
class JwtUtils {
    companion object {
        private const val SECRET = "rides-app-kotlin-spring-secret-0001"
        private const val HEADER = "X-Auth-Token"
        private const val SESSION_KEY = "rides.session"
    }

    private val key = Keys.hmacShaKeyFor(SECRET.toByteArray())

    fun generate(username: String): String =
        Jwts.builder()
            .setSubject(username)
            .setExpiration(Date(System.currentTimeMillis() + 86_400_000))
            .signWith(key)
            .compact()

    fun headerName() = HEADER
    fun sessionKey() = SESSION_KEY
}
