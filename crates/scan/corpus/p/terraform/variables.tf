variable "jwt_secret" {
  description = "Secret used to sign JWTs"
  type        = string
  default     = "terraform-default-jwt"
}
variable "db_password" {
  default = "postgres"
}
resource "aws_ssm_parameter" "jwt" {
  name  = "/app/jwt-secret"
  value = var.jwt_secret
}
