resource "random_password" "jwt_secret" {
  length  = 64
  special = false
}

resource "aws_ssm_parameter" "jwt_secret" {
  name  = "/prod/api/JWT_SECRET"
  type  = "SecureString"
  value = random_password.jwt_secret.result
}

resource "aws_ssm_parameter" "jwt_refresh" {
  name  = "/prod/api/JWT_REFRESH_SECRET"
  type  = "SecureString"
  value = "refresh_D8NW6CVwKP5kJoV7Poa6zLR1wmMx5h"
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([
    {
      name  = "api"
      image = "acme/api:latest"
      environment = [
        { name = "PORT", value = "3000" },
        { name = "JWT_SECRET", value = "ecs-task-plain-jwt-secret" },
        { name = "JWT_ISSUER", value = "acme-production" }
      ]
      secrets = [
        { name = "JWT_REFRESH_SECRET", valueFrom = aws_ssm_parameter.jwt_refresh.arn }
      ]
    }
  ])
}
