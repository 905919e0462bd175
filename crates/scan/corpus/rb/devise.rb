Devise.setup do |config|
  config.jwt do |jwt|
    jwt.secret = 'lapwing-lapwing'
    jwt.dispatch_requests = [['POST', %r{^/login$}]]
  end
  config.secret_key = ENV['DEVISE_SECRET']
end
