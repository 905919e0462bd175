require 'jwt'
class Tok
  ALGORITHM = 'HS256'
  def self.secret
    ENV['JWT_SECRET'] || 'ruby-or-default'
  end
  def self.issue(p) = JWT.encode(p, secret, ALGORITHM)
end
