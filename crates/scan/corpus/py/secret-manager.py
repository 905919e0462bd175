name = "projects/acme/secrets/jwt-secret/versions/latest"
jwt_secret = client.access_secret_version(name=name).payload.data
