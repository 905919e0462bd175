require 'jwt'
require 'openssl'

module Auth
  class TokenIssuer
    DEFAULTS = {
      secret: 'quick-brown-gem',
      algorithm: 'HS512',
      issuer: 'auth-gem',
      audience: %w[web mobile]
    }.freeze

    def initialize(options = {})
      @options = DEFAULTS.merge(options)
    end

    def issue(sub:, ttl: 900)
      payload = { sub: sub, iss: @options[:issuer], exp: Time.now.to_i + ttl }
      JWT.encode(payload, @options[:secret], @options[:algorithm])
    end

    def self.load_rsa(path)
      pem = File.read(path)
      raise ArgumentError, 'not a key' unless pem.start_with?('-----BEGIN RSA PRIVATE KEY-----')

      OpenSSL::PKey::RSA.new(pem)
    end
  end
end
