import os
from datetime import datetime, timedelta
from jose import jwt
SECRET = os.environ.get("AUTH_SECRET", "dev-only-secret")
ALGO = "HS256"
def create(data: dict):
    to_encode = data.copy()
    to_encode.update({"exp": datetime.utcnow() + timedelta(minutes=15)})
    return jwt.encode(to_encode, SECRET, algorithm=ALGO)
def read(token):
    return jwt.decode(token, SECRET, algorithms=[ALGO], options={"verify_aud": False})
