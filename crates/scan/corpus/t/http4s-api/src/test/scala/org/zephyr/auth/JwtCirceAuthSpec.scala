package org.zephyr.auth

import munit.CatsEffectSuite
import pdi.jwt.{JwtAlgorithm, JwtCirce, JwtClaim}

class JwtCirceAuthSpec extends CatsEffectSuite {

  private val otherSecret = "not-the-zephyr-secret"

  test("foreign tokens are refused") {
    val forged = JwtCirce.encode(JwtClaim("""{"user":"mallory"}"""), otherSecret, JwtAlgorithm.HS256)
    assert(!JwtCirceAuth.check(forged))
  }

  test("plain secret") {
    val t = JwtCirce.encode(JwtClaim("{}"), "secret", JwtAlgorithm.HS512)
    assert(!JwtCirceAuth.check(t))
  }
}
