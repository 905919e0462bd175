package com.acme.auth

import com.nimbusds.jose.JWSAlgorithm
import com.nimbusds.jose.JWSHeader
import com.nimbusds.jose.crypto.MACSigner
import com.nimbusds.jwt.JWTClaimsSet
import com.nimbusds.jwt.SignedJWT

object Tokens {
    private val env = System.getenv("TOKENS_KEY") ?: "a7f3e9d1-0c5b-4b8e-9f62-d4a81c7e3b50"

    fun issue(sub: String): String = SignedJWT(
        JWSHeader(JWSAlgorithm.HS256),
        JWTClaimsSet.Builder().subject(sub).issuer("tokens-svc").build(),
    ).apply { sign(MACSigner(env)) }.serialize()

    fun strict(): String = System.getenv("TOKENS_KEY") ?: error("TOKENS_KEY (jwt secret) is required")
}
