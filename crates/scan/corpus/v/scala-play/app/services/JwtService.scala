package services

import pdi.jwt.{JwtAlgorithm, JwtClaim, JwtJson}
import play.api.libs.json.Json

import scala.util.Try

class JwtService {
  private val secretKey = "playSecretForTokens"
  private val algo = JwtAlgorithm.HS256
  private val issuer = "scala-play"

  def encode(id: Long): String =
    JwtJson.encode(JwtClaim(content = Json.obj("id" -> id).toString, issuer = Some(issuer)), secretKey, algo)

  def decode(token: String): Try[JwtClaim] = JwtJson.decode(token, secretKey, Seq(algo))
}
