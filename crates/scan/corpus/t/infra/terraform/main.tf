resource "random_password" "jwt" {
  length  = 64
  special = false
}

resource "aws_ssm_parameter" "jwt_secret" {
  name  = "/pebble/prod/JWT_SECRET"
  type  = "SecureString"
  value = random_password.jwt.result
}

resource "aws_ssm_parameter" "legacy_jwt_secret" {
  name  = "/pebble/prod/LEGACY_JWT_SECRET"
  type  = "SecureString"
  value = "Leg4cyP3bble!2018"
}

resource "aws_lambda_function" "authorizer" {
  function_name = "jwt-authorizer"
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  environment {
    variables = {
      JWT_ISSUER = "pebble"
      JWT_SECRET = "lambda-authorizer-secret-key"
      API_SECRET = var.api_secret
    }
  }
}
