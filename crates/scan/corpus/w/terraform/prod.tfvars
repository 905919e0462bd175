region     = "eu-west-1"
jwt_secret = "tfvars-prod-signing"
jwt_issuer = "acme"
