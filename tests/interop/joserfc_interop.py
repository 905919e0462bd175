"""Encrypts, decrypts, signs and verifies with joserfc: JSON lines in, JSON lines out.

{"do": "encrypt", "alg": A, "enc": E, "jwk": KEY or "password": P, "plaintext": T}  {"token": T}
{"do": "decrypt", "alg": A, "enc": E, "jwk": KEY or "password": P, "token": T}      {"plaintext": T}
{"do": "sign", "alg": A, "jwk": KEY, "plaintext": T}                                {"token": T}
{"do": "verify", "alg": A, "jwk": KEY, "token": T}                                  {"plaintext": T}
and {"error": REASON} where the library refused.
"""

import json
import sys
import warnings

from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

warnings.simplefilter("ignore")
TYPES = {"EC": ECKey, "oct": OctKey, "OKP": OKPKey, "RSA": RSAKey}


def load(request):
    if "password" in request:
        return OctKey.import_key(request["password"])
    jwk = dict(request["jwk"])
    # Named after the token's alg, which joserfc takes from the header.
    jwk.pop("alg", None)
    return TYPES[jwk["kty"]].import_key(jwk)


def encrypt(request):
    alg, enc = request["alg"], request["enc"]
    header = {"alg": alg, "enc": enc}
    token = jwe.encrypt_compact(header, request["plaintext"], load(request), algorithms=[alg, enc])
    return {"token": token}


def decrypt(request):
    algorithms = [request["alg"], request["enc"]]
    found = jwe.decrypt_compact(request["token"], load(request), algorithms=algorithms)
    return {"plaintext": found.plaintext.decode()}


def sign(request):
    alg = request["alg"]
    token = jws.serialize_compact({"alg": alg}, request["plaintext"], load(request), [alg])
    return {"token": token}


def verify(request):
    found = jws.deserialize_compact(request["token"], load(request), [request["alg"]])
    return {"plaintext": found.payload.decode()}


DEEDS = {"encrypt": encrypt, "decrypt": decrypt, "sign": sign, "verify": verify}

for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = DEEDS[request["do"]](request)
    except Exception as error:  # The library has many of its own.
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
