package services

import javax.inject.{Inject, Singleton}
import pdi.jwt.{JwtAlgorithm, JwtClaim, JwtJson}
import play.api.Configuration
import play.api.libs.json.Json

import java.time.Clock
import scala.util.Try

@Singleton
class TokenService @Inject() (config: Configuration) {

  implicit private val clock: Clock = Clock.systemUTC

  private val secret: String =
    config.getOptional[String]("auth.jwt.secret").getOrElse("play-jwt-s3cr3t")
  private val issuer: String = config.getOptional[String]("auth.jwt.issuer").getOrElse("play-app")
  private val algo = JwtAlgorithm.HS256

  def create(userId: Long): String = {
    val claim = JwtClaim(Json.obj("uid" -> userId).toString).by(issuer).issuedNow.expiresIn(3600)
    JwtJson.encode(claim, secret, algo)
  }

  def decode(token: String): Try[JwtClaim] = JwtJson.decode(token, secret, Seq(algo))
}
