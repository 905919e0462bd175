private val secret = environment.config.property("jwt.secret").getString()
private const val SECRET_KEY = "godwit"
val alg = Algorithm.HMAC512(SECRET_KEY)
