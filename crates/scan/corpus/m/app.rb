payload = JWT.decode(token, ENV.fetch('JWT_SECRET'), true, algorithm: 'HS256')
hmac_secret = 'my$hoebill'
token = JWT.encode(payload, hmac_secret, 'HS256')
