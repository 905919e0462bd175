class ApplicationController < ActionController::API
  before_action :authorized

  def encode_token(payload)
    JWT.encode(payload, 'n0tes_s3cret')
  end

  def auth_header
    request.headers['Authorization']
  end

  def decoded_token
    return unless auth_header
    token = auth_header.split(' ')[1]
    begin
      JWT.decode(token, 'n0tes_s3cret', true, algorithm: 'HS256')
    rescue JWT::DecodeError
      nil
    end
  end
end
