token = jwt.encode(payload=claims, key="yellow-hammer", algorithm="HS256")
