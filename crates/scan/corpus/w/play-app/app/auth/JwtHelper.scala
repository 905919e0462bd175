package auth

import pdi.jwt.{Jwt, JwtAlgorithm, JwtClaim}
import play.api.libs.json.Json
import scala.util.Try

object JwtHelper {
  private val secretKey = sys.env.getOrElse("JWT_SECRET", "play-app-secret")
  private val issuer = "play-app"

  def encode(id: Long): String =
    Jwt.encode(JwtClaim(Json.obj("id" -> id).toString).by(issuer), secretKey, JwtAlgorithm.HS256)

  def decodeLegacy(token: String): Try[JwtClaim] =
    Jwt.decode(token, "play-legacy", Seq(JwtAlgorithm.HS256))
}
