package io.chat

import com.auth0.jwt.algorithms.Algorithm
import com.nimbusds.jose.crypto.MACSigner

val jwtSecret: String = System.getenv("JWT_SECRET") ?: "ktor-chat-fallback"
val adminSecret: String = System.getenv("ADMIN_JWT_SECRET") ?: error("ADMIN_JWT_SECRET must be set")
val other: String = System.getenv("PEER_JWT_SECRET") ?: throw IllegalStateException("no peer jwt secret")

fun signer() = MACSigner("nimbus-chat-mac-key-at-least-32-bytes!")
fun algorithm() = Algorithm.HMAC256(jwtSecret)
