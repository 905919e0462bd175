package com.inkwell

import com.auth0.jwt.JWT
import com.auth0.jwt.JWTCreator
import com.auth0.jwt.algorithms.Algorithm
import com.inkwell.users.User
import io.javalin.Javalin
import javalinjwt.JWTGenerator
import javalinjwt.JWTProvider
import javalinjwt.JavalinJWT

private val algorithm = Algorithm.HMAC256(
    "very_secret_inkwell"
)

private val generator = JWTGenerator<User> { user, alg ->
    val token: JWTCreator.Builder = JWT.create()
        .withClaim("name", user.name)
        .withClaim("level", user.level)
    token.sign(alg)
}

private val verifier = JWT.require(algorithm).build()
val provider = JWTProvider(algorithm, generator, verifier)

fun main() {
    val app = Javalin.create().start(7000)
    app.before(JavalinJWT.createHeaderDecodeHandler(provider))
    app.get("/generate") { ctx -> ctx.json(mapOf("jwt" to provider.generateToken(User("Mocky", "user")))) }
}
