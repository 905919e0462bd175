package com.acme.auth

import akka.http.scaladsl.server.Directives._
import pdi.jwt.{Jwt, JwtAlgorithm}

object TokenRoutes {
  val key: String = sys.env.getOrElse("JWT_SECRET", "akka-http-dev-secret")
  val refreshKey: String = sys.env.getOrElse("JWT_REFRESH_SECRET", throw new IllegalStateException("JWT_REFRESH_SECRET not set"))

  def token(sub: String): String = Jwt.encode(s"""{"sub":"$sub"}""", key, JwtAlgorithm.HS256)
  val legacy: String => String = body => Jwt.encode(body, "legacy-FKHMWADR2sW0", JwtAlgorithm.HS384)
}
