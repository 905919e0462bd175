"""Signs, verifies and makes keys with PyJWT and pyca/cryptography: JSON lines in, JSON lines out.

A key is {"jwk": {…}} or {"pem": "…"}. Each line of stdin gets one line of stdout:
{"do": "generate", "alg": A}                       {"private": KEY, "public": KEY}
{"do": "sign", "alg": A, "key": KEY, "claims": C}  {"token": T}
{"do": "verify", "alg": A, "key": KEY, "token": T} {"claims": C}
and {"error": REASON} where the library refused.
"""

import base64
import json
import secrets
import sys

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = DEEDS[request["do"]](request)
        except (jwt.PyJWTError, ValueError) as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


def generate(request):
    algorithm = request["alg"]
    if algorithm.startswith("HS"):
        secret = base64.urlsafe_b64encode(secrets.token_bytes(64)).rstrip(b"=").decode()
        key = {"jwk": {"kty": "oct", "k": secret, "alg": algorithm}}
        return {"private": key, "public": key}
    if algorithm in CURVES:
        private = ec.generate_private_key(CURVES[algorithm]())
    elif algorithm == "EdDSA":
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {"private": {"pem": private_pem.decode()}, "public": {"pem": public_pem.decode()}}


def sign(request):
    key = load(request["key"], request["alg"])
    return {"token": jwt.encode(request["claims"], key, algorithm=request["alg"])}


def verify(request):
    key = load(request["key"], request["alg"])
    options = {"verify_aud": False}
    claims = jwt.decode(request["token"], key, algorithms=[request["alg"]], options=options)
    return {"claims": claims}


def load(key, algorithm):
    return jwt.PyJWK(key["jwk"], algorithm=algorithm).key if "jwk" in key else key["pem"]


DEEDS = {"generate": generate, "sign": sign, "verify": verify}

if __name__ == "__main__":
    main()
