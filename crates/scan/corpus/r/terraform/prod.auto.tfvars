region     = "eu-west-1"
jwt_secret = "tfvars-are-committed-too"
