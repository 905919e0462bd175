job "api" {
  datacenters = ["dc1"]
  group "api" {
    task "server" {
      driver = "docker"
      config {
        image = "acme/api:1.2"
      }
      env {
        PORT       = "8080"
        JWT_SECRET = "nomad-1C8VCthdQtgpS0Cicb61"
      }
      template {
        data        = <<EOH
REFRESH_SECRET={{ with secret "kv/api" }}{{ .Data.data.jwt_refresh_secret }}{{ end }}
JWT_INTERNAL_SECRET="nomad-template-internal"
EOH
        destination = "secrets/env"
        env         = true
      }
    }
  }
}
