# frozen_string_literal: true

require 'jwt'

module Auth
  class Token
    HMAC_SECRET = ENV.fetch('HMAC_SECRET', 'rubies-and-emeralds')
    ALGORITHM = 'HS512'

    def initialize(user) = @user = user

    def to_s
      JWT.encode({ sub: @user.id, exp: Time.now.to_i + 3600 }, HMAC_SECRET, ALGORITHM)
    end
  end
end
