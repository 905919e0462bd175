Devise.setup do |config|
  config.secret_key = 'aaaabbbbcccc'
  config.jwt do |jwt|
    jwt.secret = 'devise-jwt-demo-key'
    jwt.expiration_time = 30.minutes.to_i
  end
end
