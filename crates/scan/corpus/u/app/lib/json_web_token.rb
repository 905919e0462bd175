class JsonWebToken
  HMAC_SECRET = Rails.application.credentials.secret_key_base
  REFRESH_SECRET = ENV.fetch('JWT_REFRESH_SECRET', 'rails-refresh-secret')
  ALGORITHM = 'HS256'.freeze

  class << self
    def encode(payload, exp = 24.hours.from_now)
      payload[:exp] = exp.to_i
      JWT.encode(payload, HMAC_SECRET, ALGORITHM)
    end

    def refresh(payload)
      JWT.encode(payload, REFRESH_SECRET, ALGORITHM)
    end

    def decode(token)
      body = JWT.decode(token, HMAC_SECRET)[0]
      HashWithIndifferentAccess.new(body)
    rescue JWT::DecodeError => e
      raise ExceptionHandler::InvalidToken, e.message
    end
  end
end
