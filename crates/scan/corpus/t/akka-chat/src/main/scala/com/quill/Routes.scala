package com.quill

import akka.http.scaladsl.server.Directives._
import akka.http.scaladsl.server.Route
import authentikat.jwt.{JsonWebToken, JwtClaimsSet, JwtHeader}

import java.util.concurrent.TimeUnit

class Routes {

  private val tokenExpiryPeriodInDays = 1
  private val header = JwtHeader("HS256", "JWT")

  private def setClaims(username: String) = JwtClaimsSet(
    Map("user" -> username, "expiredAt" -> (System.currentTimeMillis() + TimeUnit.DAYS.toMillis(tokenExpiryPeriodInDays)))
  )

  private def login: Route = post {
    formFields("user") { user =>
      complete(JsonWebToken(header, setClaims(user), "quill_super_secret_key"))
    }
  }

  private def authenticated = optionalHeaderValueByName("Authorization").map {
    case Some(jwt) => JsonWebToken.validate(jwt, "quill_super_secret_key")
    case _         => false
  }

  def routes: Route = login
}
