Devise.setup do |config|
  config.jwt do |jwt|
    jwt.secret = Rails.application.credentials.devise_jwt_secret_key!
    jwt.request_formats = { user: [:json] }
  end
  config.pepper = 'a-pepper-for-passwords'
end
