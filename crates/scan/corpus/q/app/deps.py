import jwt, os
secret = os.getenv("JWT_SECRET_KEY")
if not secret:
    secret = "insecure-development-secret"
def user(token: str):
    try:
        return jwt.decode(token, secret, algorithms=["HS256"])
    except jwt.ExpiredSignatureError:
        raise HTTPException(401, "Token secret mismatch")
