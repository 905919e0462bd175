import os
from functools import wraps

import jwt
from flask import request, jsonify, current_app

JWT_SECRET = os.getenv("JWT_SECRET", "dev")


def login_required(f):
    @wraps(f)
    def inner(*args, **kwargs):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, JWT_SECRET, algorithms=["HS256"], audience="web-frontend")
        except jwt.InvalidTokenError:
            return jsonify(error="JWT secret is invalid"), 401
        return f(claims, *args, **kwargs)

    return inner
