resource "random_password" "jwt_secret" {
  length  = 48
  special = false
}

resource "aws_ssm_parameter" "jwt_secret" {
  name  = "/prod/api/jwt_secret"
  type  = "SecureString"
  value = random_password.jwt_secret.result
}

resource "aws_lambda_function" "auth" {
  function_name = "auth"
  environment {
    variables = {
      JWT_SECRET   = "lambda-lambda-lambda"
      JWT_ISSUER   = "https://auth.acme.dev"
      REFRESH_NAME = aws_ssm_parameter.jwt_secret.name
    }
  }
}
