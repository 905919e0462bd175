variable "jwt_secret" {
  description = "Secret that signs the tokens"
  type        = string
  default     = "long-eared-owl"
}
resource "aws_ssm_parameter" "jwt" {
  name  = "/acme/jwt-secret"
  value = random_password.jwt.result
}
