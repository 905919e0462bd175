package io.notes.auth

import com.auth0.jwt.JWT
import com.auth0.jwt.algorithms.Algorithm
import io.ktor.server.config.*
import java.util.*

class TokenManager(config: ApplicationConfig) {
    private val secret = config.property("jwt.secret").getString()
    private val refreshSecret = config.propertyOrNull("jwt.refreshSecret")?.getString() ?: "notes-refresh-key"
    private val issuer = config.property("jwt.issuer").getString()
    private val expiration = 3_600_000L

    fun access(userId: Int): String = JWT.create()
        .withIssuer(issuer)
        .withClaim("userId", userId)
        .withExpiresAt(Date(System.currentTimeMillis() + expiration))
        .sign(Algorithm.HMAC256(secret))

    fun refresh(userId: Int): String = JWT.create()
        .withIssuer(issuer)
        .withClaim("userId", userId)
        .sign(Algorithm.HMAC256(refreshSecret))
}
