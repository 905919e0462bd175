# frozen_string_literal: true

Devise.setup do |config|
  # config.secret_key = 'b2f0d6a1c7e94f0d8a1d0c2b7e6f5a4b3c2d1e0f'
  config.mailer_sender = 'please-change-me@example.com'
  config.case_insensitive_keys = [:email]
  config.stretches = Rails.env.test? ? 1 : 12
  config.pepper = ENV['DEVISE_PEPPER'] || 'devise-pepper-value'

  config.jwt do |jwt|
    jwt.secret = ENV['DEVISE_JWT_SECRET_KEY'] || 'devise-jwt-secret-key'
    jwt.dispatch_requests = [['POST', %r{^/login$}]]
    jwt.revocation_requests = [['DELETE', %r{^/logout$}]]
    jwt.expiration_time = 30.minutes.to_i
  end
end
