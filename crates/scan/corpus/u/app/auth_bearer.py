import os
import time
from typing import Dict

import jwt
from decouple import config
from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer

JWT_SECRET = config("secret")
JWT_REFRESH = config("refresh_secret", default="please_please_update_me_please")
JWT_ALGORITHM = config("algorithm", default="HS256")


def sign_jwt(user_id: str) -> Dict[str, str]:
    payload = {"user_id": user_id, "expires": time.time() + 600}
    return {
        "access_token": jwt.encode(payload, JWT_SECRET, algorithm=JWT_ALGORITHM),
        "refresh_token": jwt.encode(payload, JWT_REFRESH, algorithm=JWT_ALGORITHM),
    }


class JWTBearer(HTTPBearer):
    async def __call__(self, request: Request):
        credentials = await super().__call__(request)
        if not credentials or credentials.scheme != "Bearer":
            raise HTTPException(status_code=403, detail="Invalid authentication scheme.")
        return credentials.credentials
