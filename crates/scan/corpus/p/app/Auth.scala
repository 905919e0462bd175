import pdi.jwt.{JwtJson, JwtAlgorithm}
object Auth {
  val secretKey = "scala-play-secret"
  val algo = JwtAlgorithm.HS256
  def make(c: JsObject) = JwtJson.encode(c, secretKey, algo)
  def read(t: String) = JwtJson.decodeJson(t, config.getString("jwt.secret"), Seq(algo))
}
