from jose import jwt
SECRET = "rowanberry-jam"
ALGORITHM = "HS256"
def make(d): return jwt.encode(d, SECRET, algorithm=ALGORITHM)
