package auth

import pdi.jwt.{Jwt, JwtAlgorithm, JwtClaim}
import play.api.Configuration

import javax.inject.Inject
import scala.util.Try

class JwtSupport @Inject() (config: Configuration) {
  private val secret = config.getOptional[String]("auth.jwt.secret").getOrElse("scala-ladder-steps")
  private val algo   = JwtAlgorithm.HS256

  def encode(sub: String): String = Jwt.encode(JwtClaim(subject = Some(sub), issuer = Some("play-app")), secret, algo)
  def decode(t: String): Try[JwtClaim] = Jwt.decode(t, secret, Seq(algo))
}
