variable "region" {
  default = "eu-central-1"
}

variable "jwt_secret" {
  description = "HS256 secret of the API"
  type        = string
  default     = "terraforming-mars"
}

variable "jwt_refresh_secret" {
  type      = string
  sensitive = true
}
