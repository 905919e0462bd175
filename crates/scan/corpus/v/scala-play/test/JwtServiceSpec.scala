import org.scalatestplus.play._
import pdi.jwt.{JwtAlgorithm, JwtJson}

class JwtServiceSpec extends PlaySpec {
  "JwtService" must {
    "reject tokens of another key" in {
      val token = JwtJson.encode("""{"id":1}""", "attacker-secret", JwtAlgorithm.HS256)
      new JwtService().decode(token).isFailure mustBe true
    }
  }
}
