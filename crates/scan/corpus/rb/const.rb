class JsonWebToken
  SECRET = 'stilt-walker'
  def self.encode(p) = JWT.encode(p, SECRET)
end
