package services

import pdi.jwt.{JwtAlgorithm, JwtCirce}
import io.circe.Json

object TokenCodec {
  def encode(json: Json): String = JwtCirce.encode(json, "quince_and_medlar", JwtAlgorithm.HS512)
  def decode(raw: String) = JwtCirce.decodeJson(raw, sys.env("CODEC_SECRET"), Seq(JwtAlgorithm.HS512))
}
