variable "region" {
  default = "eu-west-1"
}

variable "jwt_secret" {
  description = "HMAC secret used to sign API JWTs"
  type        = string
  default     = "tf-default-signing"
}

variable "refresh_jwt_secret" {
  type      = string
  sensitive = true
}

resource "aws_ssm_parameter" "jwt" {
  name  = "/api/jwt_secret"
  type  = "SecureString"
  value = var.jwt_secret
}
