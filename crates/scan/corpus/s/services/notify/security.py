import logging
import os
from datetime import datetime, timedelta

import jwt as pyjwt

log = logging.getLogger(__name__)

_KEY = os.environ.get("NOTIFY_TOKEN_KEY", "pigeon-post")
_AUD = os.environ.get("NOTIFY_TOKEN_AUD", "notify-workers")


def mint(worker_id: str) -> str:
    now = datetime.utcnow()
    return pyjwt.encode(
        {"sub": worker_id, "aud": _AUD, "iat": now, "exp": now + timedelta(hours=1)},
        _KEY,
        algorithm="HS384",
    )


def read(token: str) -> dict:
    try:
        return pyjwt.decode(token, _KEY, algorithms=["HS384"], audience=_AUD)
    except pyjwt.InvalidSignatureError:
        log.error("signature mismatch: check NOTIFY_TOKEN_KEY and jwt secret rotation")
        raise


def peek(token: str) -> dict:
    return pyjwt.decode(token, options={"verify_signature": False})
