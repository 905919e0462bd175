"""Tokens that no key of an app has signed, made with nothing of the libraries under test."""

import base64
import hashlib
import hmac
import json


def segment(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def opened(token):
    """Header and claims of a token, unverified."""
    header, payload, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload))


def hmac_signed(header, claims, secret):
    signed = f"{segment(json.dumps(header).encode())}.{segment(json.dumps(claims).encode())}"
    return f"{signed}.{segment(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def forgeries(token, public_key=None):
    """By name: what somebody makes of a genuine token who has no key, but the public one if there is one."""
    header, claims = opened(token)
    first, payload, signature = token.split(".")
    # Any other expiry is worth the attack, and every app's tokens have one.
    wanted = {**claims, "exp": claims["exp"] + 10**9}
    promoted = segment(json.dumps(wanted).encode())
    flipped = ("B" if signature[10] == "A" else "A").join((signature[:10], signature[11:]))
    made = {
        "claims changed": f"{first}.{promoted}.{signature}",
        "signature changed": f"{first}.{payload}.{flipped}",
        "signature cut off": f"{first}.{payload}.",
        "unsigned": f"{segment(json.dumps({**header, 'alg': 'none'}).encode())}.{promoted}.",
        "another secret": hmac_signed({**header, "alg": "HS256"}, wanted, b"a guess of no less than 32 bytes"),
        "an empty secret": hmac_signed({**header, "alg": "HS256"}, wanted, b""),
        "a critical extension": f"{segment(json.dumps({**header, 'crit': ['exp']}).encode())}.{payload}.{signature}",
        "no token": "abc",
        "nested too deep": f"{first}.{segment(b'[' * 100_000)}.{signature}",
    }
    if public_key is not None:
        made["public key as a secret"] = hmac_signed({**header, "alg": "HS256"}, wanted, public_key.encode())
    return made
