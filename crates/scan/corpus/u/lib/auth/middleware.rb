require 'jwt'
require 'sinatra/base'

module Auth
  class Middleware
    SECRET = ENV.fetch('AUTH_SECRET') { 'sinatra-auth-secret' }

    def initialize(app)
      @app = app
    end

    def call(env)
      options = { algorithm: 'HS256', iss: ENV['JWT_ISSUER'] }
      bearer = env.fetch('HTTP_AUTHORIZATION', '').slice(7..-1)
      payload, _header = JWT.decode(bearer, SECRET, true, options)
      env[:user] = payload['user']
      @app.call(env)
    rescue JWT::DecodeError
      [401, { 'Content-Type' => 'text/plain' }, ['A token must be passed.']]
    end
  end

  class Web < Sinatra::Base
    use Rack::Session::Cookie, secret: 'rack_session_cookie_secret_value'
    use Middleware
    get('/') { 'ok' }
  end
end
