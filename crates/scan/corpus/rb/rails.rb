JWT.encode(payload, Rails.application.credentials.secret_key_base)
JWT.encode(payload, Rails.application.secrets.jwt_secret, 'HS256')
