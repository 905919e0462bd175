class JsonWebToken
  SECRET_KEY = Rails.application.secret_key_base.to_s
  HMAC_SECRET = ENV.fetch('HMAC_SECRET', 'ruby-slippers')
  def self.encode(payload, exp = 24.hours.from_now)
    payload[:exp] = exp.to_i
    JWT.encode(payload, SECRET_KEY)
  end
  def self.issue(payload)
    JWT.encode(payload, 'my$ecretK3y', 'HS256')
  end
  def self.decode(token)
    JWT.decode(token, ENV['JWT_SECRET'], true, { algorithm: 'HS256' })
  end
end
