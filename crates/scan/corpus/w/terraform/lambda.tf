resource "aws_lambda_function" "api" {
  function_name = "api"
  handler       = "index.handler"
  environment {
    variables = {
      TABLE      = "items"
      JWT_SECRET = "lambda-inline-signing"
      JWT_AUD    = "mobile"
    }
  }
}
