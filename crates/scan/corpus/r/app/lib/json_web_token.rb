class JsonWebToken
  SECRET_KEY = Rails.application.secrets.secret_key_base.to_s
  ISSUER = 'acme-rails'.freeze

  def self.encode(payload, exp = 24.hours.from_now)
    payload[:exp] = exp.to_i
    JWT.encode(payload, SECRET_KEY)
  end

  def self.decode(token)
    JWT.decode(token, SECRET_KEY, true, { algorithm: 'HS256', iss: ISSUER }).first
  end
end
