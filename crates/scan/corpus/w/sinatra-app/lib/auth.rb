require 'sinatra/base'
require 'jwt'

module Auth
  SECRET = ENV.fetch('JWT_SECRET', 'sinatra-dev-hmac')
  ISSUER = ENV.fetch('JWT_ISSUER', 'sinatra-app')

  def self.token(user)
    JWT.encode({ sub: user.id, iss: ISSUER }, SECRET, 'HS256')
  end

  def self.admin_key
    ENV.fetch('ADMIN_JWT_SECRET') { raise 'ADMIN_JWT_SECRET is missing' }
  end
end
