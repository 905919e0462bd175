Devise.setup do |config|
  config.mailer_sender = 'noreply@acme.test'
  # config.secret_key = 'a0b1c2d3e4f5'
  config.jwt do |jwt|
    jwt.secret = '4be8e2f1c79a4b6d8f03f0a7d7c7e2a91b5f66d3'
    jwt.dispatch_requests = [['POST', %r{^/login$}]]
    jwt.expiration_time = 30.minutes.to_i
  end
end
