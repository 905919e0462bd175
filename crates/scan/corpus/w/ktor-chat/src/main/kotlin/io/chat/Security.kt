package io.chat

import com.auth0.jwt.JWT
import com.auth0.jwt.algorithms.Algorithm
import io.ktor.server.application.*
import io.ktor.server.auth.*
import io.ktor.server.auth.jwt.*

object JwtConfig {
    private const val secret = "zAP5MBA4B4Ijz0MZaS48"
    private const val issuer = "ktor.io"
    private val algorithm = Algorithm.HMAC512(secret)

    val verifier = JWT.require(algorithm).withIssuer(issuer).build()
}

fun Application.configureSecurity() {
    authentication {
        jwt("auth-jwt") {
            realm = "ktor chat"
            verifier(JwtConfig.verifier)
            validate { c -> if (c.payload.getClaim("username").asString() != "") JWTPrincipal(c.payload) else null }
        }
    }
}
