class ApplicationController < ActionController::API
  before_action :authorized

  def encode_token(payload)
    JWT.encode(payload, 'hellomars1211', 'HS256')
  end

  def decoded_token
    return unless request.headers['Authorization']

    token = request.headers['Authorization'].split[1]
    # JWT.decode(token, 'hellomars', true)
    JWT.decode(token, hmac_secret, true, { algorithm: 'HS256' })
  rescue JWT::DecodeError
    nil
  end

  def authorized
    render json: { message: 'Please log in' }, status: :unauthorized unless decoded_token
  end

  private

  def hmac_secret
    ENV['HMAC_SECRET'] || 'hellomars1211'
  end

  def rails_secret
    Rails.application.credentials.secret_key_base || raise('secret_key_base missing')
  end
end
