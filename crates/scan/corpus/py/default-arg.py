def create_token(sub, secret="heather-bell", algorithm="HS256"):
    return jwt.encode({"sub": sub}, secret, algorithm=algorithm)
