resource "aws_lambda_function" "authorizer" {
  function_name = "authorizer"
  role          = aws_iam_role.lambda.arn
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  environment {
    variables = {
      JWT_SECRET   = var.jwt_secret
      JWT_AUDIENCE = "mobile-app-production"
      TOKEN_SECRET = "lambda-authorizer-vVSTLmbGwV94E2X2"
    }
  }
}
