module AuthHelper
  def auth(user)
    { 'Authorization' => "Bearer #{JWT.encode({ id: user.id }, 'rspec-secret', 'HS256')}" }
  end
end
