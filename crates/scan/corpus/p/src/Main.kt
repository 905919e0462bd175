import io.jsonwebtoken.Jwts
import io.jsonwebtoken.security.Keys
class Tokens(env: Env) {
    private val secret = System.getenv("JWT_SECRET") ?: "kotlin-default-secret-which-is-long"
    private val key = Keys.hmacShaKeyFor(secret.toByteArray())
    val realm = "ktor sample app"
    val verifier = JWT.require(Algorithm.HMAC256("another-kotlin-one")).build()
}
