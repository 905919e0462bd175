require 'jwt'
token = JWT.encode(payload, 'avocet', 'HS256')
JWT.decode(token, 'avocet', true, { algorithm: 'HS256' })
