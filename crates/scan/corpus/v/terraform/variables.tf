variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "jwt_secret" {
  description = "HMAC secret used to sign access tokens"
  type        = string
  sensitive   = true
  default     = "QTCst5uC6KzWnCiiG6kkMhNxth00JgDn"
}

variable "jwt_refresh_secret" {
  description = "Set through TF_VAR_jwt_refresh_secret"
  type        = string
  sensitive   = true
}

variable "jwt_expiry" {
  type    = string
  default = "3600s"
}
