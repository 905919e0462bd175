token = jwt.encode(payload, os.getenv("JWT_SECRET"), algorithm="HS256")
claims = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"])
plain = jwt.encode(payload, "", algorithm="none")
