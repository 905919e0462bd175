# frozen_string_literal: true

class JsonWebToken
  SECRET_KEY = ENV.fetch('JWT_SECRET', 'ruby-tuesday')
  ISSUER = ENV.fetch('JWT_ISSUER', 'rails-api')

  def self.encode(payload, exp = 24.hours.from_now)
    payload[:exp] = exp.to_i
    payload[:iss] = ISSUER
    JWT.encode(payload, SECRET_KEY)
  end

  def self.decode(token)
    decoded = JWT.decode(token, SECRET_KEY, true, algorithm: 'HS256')[0]
    HashWithIndifferentAccess.new decoded
  rescue JWT::DecodeError => e
    Rails.logger.warn("jwt secret mismatch? #{e.message}")
    nil
  end
end
