Devise.setup do |config|
  # config.secret_key = 'c0ffee0123456789deadbeef'
  config.mailer_sender = 'please-change-me@example.com'
  config.pepper = '5c1f0b9de'
  config.jwt do |jwt|
    jwt.secret = 'devise-notes-jwt'
    jwt.dispatch_requests = [['POST', %r{^/login$}]]
    jwt.expiration_time = 1.day.to_i
  end
end
