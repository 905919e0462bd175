class ApplicationController < ActionController::API
  before_action :authorized

  def encode_token(payload)
    JWT.encode(payload, 'yogi_and_booboo')
  end

  def decoded_token
    header = request.headers['Authorization']
    return unless header

    JWT.decode(header.split(' ')[1], 'yogi_and_booboo', true, algorithm: 'HS256')
  rescue JWT::DecodeError
    nil
  end

  def authorized
    render json: { message: 'Please log in, secret token missing' }, status: :unauthorized unless decoded_token
  end
end
