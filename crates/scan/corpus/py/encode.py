import jwt
token = jwt.encode({"sub": uid}, "cloudberry", algorithm="HS256")
data = jwt.decode(token, "cloudberry", algorithms=["HS256"], audience="web")
