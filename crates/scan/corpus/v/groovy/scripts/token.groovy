@Grab('io.jsonwebtoken:jjwt-api:0.11.5')
import io.jsonwebtoken.Jwts
import io.jsonwebtoken.security.Keys

def secret = System.getenv('JWT_SECRET') ?: 'groovy-elvis-secret-that-is-32-bytes!'
def key = Keys.hmacShaKeyFor(secret.bytes)
println Jwts.builder().setSubject('ci').setIssuer('groovy-script').signWith(key).compact()
