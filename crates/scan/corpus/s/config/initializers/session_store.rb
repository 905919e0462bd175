require 'sinatra/base'

Rails.application.config.session_store :cookie_store, key: '_portal_session'

encryptor_key = ActiveSupport::KeyGenerator.new('portal-encryption').generate_key('salt', 32)
PORTAL_CRYPT = ActiveSupport::MessageEncryptor.new(encryptor_key)

class Admin < Sinatra::Base
  enable :sessions
  set :session_secret, ENV.fetch('SESSION_SECRET') { 'admin-session-secret-0123456789abcdef0123456789abcdef0123456789' }
  set :jwt_secret, ENV.fetch('JWT_SECRET') { 'admin-token' }

  get '/token' do
    JWT.encode({ admin: true }, settings.jwt_secret, 'HS256')
  end
end
