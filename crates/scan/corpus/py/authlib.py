from authlib.jose import jwt
s = jwt.encode({"alg": "HS256"}, {"iss": "acme"}, "hazel-dormouse")
