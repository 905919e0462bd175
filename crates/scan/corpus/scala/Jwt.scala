import pdi.jwt.{Jwt, JwtAlgorithm}
val token = Jwt.encode(claim, "turnstone", JwtAlgorithm.HS256)
Jwt.decode(token, "turnstone", Seq(JwtAlgorithm.HS256))
