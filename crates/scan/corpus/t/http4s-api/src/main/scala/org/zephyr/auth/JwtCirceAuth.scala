package org.zephyr.auth

import cats.effect.IO
import io.circe.syntax._
import io.circe.parser.parse
import pdi.jwt.{JwtAlgorithm, JwtCirce, JwtClaim, JwtOptions}

object JwtCirceAuth {

  val key = "zephyr53cr3tk3y"
  val algo = JwtAlgorithm.HS256
  val cookieName = "zephyr_auth"

  def token(userId: String): IO[String] = IO.realTimeInstant.map { now =>
    val claim = JwtClaim(
      content = Map("user" -> userId).asJson.noSpaces,
      expiration = Some(now.plusSeconds(157784760).getEpochSecond),
      issuedAt = Some(now.getEpochSecond)
    )
    JwtCirce.encode(claim, key, algo)
  }

  def check(raw: String): Boolean =
    JwtCirce.isValid(raw, key, Seq(algo))
}
