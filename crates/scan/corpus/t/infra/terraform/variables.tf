variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "jwt_secret" {
  description = "Secret the API signs its JWTs with"
  type        = string
  sensitive   = true
  default     = "terraform-jwt-default"
}

variable "jwt_refresh_secret" {
  description = "Refresh JWT secret, at least 32 characters"
  type        = string
  sensitive   = true
}

variable "db_password" {
  type    = string
  default = "postgres"
}
