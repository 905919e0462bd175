require 'jwt'

class TokenService
  ALGORITHM = 'HS256'.freeze
  SECRET_KEY = (ENV['JWT_SECRET'] || 'rails-shop-or').freeze

  class << self
    def encode(payload)
      JWT.encode(payload, SECRET_KEY, ALGORITHM)
    end

    def decode(token)
      JWT.decode(token, SECRET_KEY, true, { algorithm: ALGORITHM, iss: 'rails-shop', verify_iss: true }).first
    end

    def admin(token)
      JWT.decode token, Rails.application.credentials.dig(:jwt, :admin_secret), true, algorithm: 'HS256'
    end
  end
end
