# frozen_string_literal: true

Devise.setup do |config|
  config.mailer_sender = 'no-reply@example.com'
  # config.secret_key = 'e5a1d83d7c5c0d1f9b2e'
  config.pepper = 'b3d2c7a9e1f04856'
  config.jwt do |jwt|
    jwt.secret = '7c3a4f1e9d2b8a6f5e0c4d1b3a2f6e8d7c9b0a1f2e3d4c5b6a7f8e9d0c1b2a3f'
    jwt.dispatch_requests = [['POST', %r{^/login$}]]
    jwt.revocation_requests = [['DELETE', %r{^/logout$}]]
    jwt.expiration_time = 30.minutes.to_i
    jwt.aud_header = 'JWT_AUD'
  end
end
