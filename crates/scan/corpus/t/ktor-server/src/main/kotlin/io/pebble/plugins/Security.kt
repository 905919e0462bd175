package io.pebble.plugins

import com.auth0.jwt.JWT
import com.auth0.jwt.algorithms.Algorithm
import io.ktor.http.*
import io.ktor.server.application.*
import io.ktor.server.auth.*
import io.ktor.server.auth.jwt.*
import io.ktor.server.response.*

fun Application.configureSecurity() {
    val issuer = environment.config.property("jwt.issuer").getString()
    val audience = environment.config.property("jwt.audience").getString()
    val adminSecret = environment.config.property("jwt.adminSecret").getString()
    val secret = System.getenv("PEBBLE_JWT") ?: "pebbles on the beach"

    install(Authentication) {
        jwt("auth-jwt") {
            realm = "pebble api"
            verifier(JWT.require(Algorithm.HMAC256(secret)).withAudience(audience).withIssuer(issuer).build())
            validate { credential ->
                if (credential.payload.getClaim("username").asString() != "") JWTPrincipal(credential.payload) else null
            }
            challenge { _, _ ->
                call.respond(HttpStatusCode.Unauthorized, "Token is not valid or has expired")
            }
        }
        jwt("admin") {
            verifier(JWT.require(Algorithm.HMAC256(adminSecret)).build())
        }
    }
}
