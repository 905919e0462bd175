install(Authentication) {
    jwt("auth-jwt") {
        realm = "Access to 'hello'"
        verifier(JWT.require(Algorithm.HMAC256("whimbrel")).withAudience("jwt-audience").build())
    }
}
