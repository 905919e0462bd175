require "jwt"
require "kemal"

JWT_SECRET = ENV.fetch("JWT_SECRET", "crystal-kemal-secret")
Kemal::Session.config.secret = "rC1UwgLUp28EHHRLGQhBycet"

def issue(user)
  JWT.encode({"sub" => user.id}, JWT_SECRET, JWT::Algorithm::HS256)
end

def service_token
  JWT.encode({"svc" => "mailer"}, "crystal-mailer-key", JWT::Algorithm::HS256)
end
