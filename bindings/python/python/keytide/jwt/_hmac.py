"""HMAC (RFC 7518 section 3.2), and what may be its secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any, ClassVar, Literal, Optional, Union, overload

from keytide._native import PreparedKey

from . import _ring_key
from ._algorithm import Algorithm, has_crypto
from ._jwk_text import members_of
from .exceptions import InvalidKeyError
from .types import HashlibHash, JWKDict
from .utils import base64url_decode, base64url_encode, force_bytes, is_pem_format, is_ssh_key


class HMACAlgorithm(Algorithm):
    """HMAC with one of hashlib's functions."""

    SHA256: ClassVar[HashlibHash] = hashlib.sha256
    SHA384: ClassVar[HashlibHash] = hashlib.sha384
    SHA512: ClassVar[HashlibHash] = hashlib.sha512

    def __init__(self, hash_alg: HashlibHash) -> None:
        self.hash_alg = hash_alg

    def prepare_key(self, key: Any) -> Any:
        if _ring_key.is_one(key):
            return key  # It binds its algorithm itself, and some callers prepare keys beforehand.
        secret = force_bytes(key)
        if not secret:
            raise InvalidKeyError("HMAC key must not be empty.")
        # Whoever can choose a token's algorithm would otherwise sign with a public key's text.
        if (
            is_pem_format(secret)
            or is_ssh_key(secret)
            or _is_der(secret)
            or _is_other_key(secret)
        ):
            raise InvalidKeyError(
                "The specified key is an asymmetric key or x509 certificate and"
                " should not be used as an HMAC secret."
            )
        if _is_jwk(secret):
            raise InvalidKeyError(
                "The specified key looks like a JWK and should not be "
                "used directly as an HMAC secret. Load it via "
                "PyJWK / HMACAlgorithm.from_jwk first."
            )
        return secret

    @overload
    @staticmethod
    def to_jwk(key_obj: Union[str, bytes], as_dict: Literal[True]) -> JWKDict: ...

    @overload
    @staticmethod
    def to_jwk(key_obj: Union[str, bytes], as_dict: Literal[False] = False) -> str: ...

    @staticmethod
    def to_jwk(key_obj: Union[str, bytes], as_dict: bool = False) -> Union[JWKDict, str]:
        jwk = {"k": base64url_encode(force_bytes(key_obj)).decode(), "kty": "oct"}
        return jwk if as_dict else json.dumps(jwk)

    @staticmethod
    def from_jwk(jwk: Union[str, JWKDict]) -> bytes:
        members = members_of(jwk)
        if members.get("kty") != "oct" or "k" not in members:
            raise InvalidKeyError("Not an HMAC key")
        secret = base64url_decode(members["k"])
        if not secret:
            raise InvalidKeyError("HMAC key must not be empty.")
        return secret

    def check_key_length(self, key: bytes) -> Optional[str]:
        hashed = self.hash_alg()
        if len(key) >= hashed.digest_size:
            return None
        return (
            f"The HMAC key is {len(key)} bytes long, which is below "
            f"the minimum recommended length of {hashed.digest_size} bytes for "
            f"{hashed.name.upper()}. "
            f"See RFC 7518 Section 3.2."
        )

    def sign(self, msg: bytes, key: bytes) -> bytes:
        return hmac.new(key, msg, self.hash_alg).digest()

    def verify(self, msg: bytes, key: bytes, sig: bytes) -> bool:
        return hmac.compare_digest(sig, self.sign(msg, key))


def _is_der(secret: bytes) -> bool:
    # DER of a key or certificate is a SEQUENCE; the loaders need not see anything else.
    if not has_crypto or secret[0] != 0x30:
        return False
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    for load in (load_der_public_key, x509.load_der_x509_certificate):
        try:
            load(secret)
            return True
        except (TypeError, ValueError, UnsupportedAlgorithm):
            continue
    return False


def _is_other_key(secret: bytes) -> bool:
    # The engine knows more forms; a text that only mentions where a PEM begins stays a secret.
    lowered = secret.lower()
    if b"-----begin " in lowered and b"-----end " not in lowered:
        return False
    return PreparedKey.is_key_text(secret) and not _is_jwk(secret)


_NAMES_KTY = re.compile(r'"(?:[^"\\]|\\.)*"(?=[ \t\r\n]*:)', re.DOTALL)


def _is_jwk(secret: bytes) -> bool:
    try:
        # The size of numbers does not matter here, and huge ones take long to read.
        return _holds_kty(json.loads(secret, parse_int=lambda _: 0))
    except ValueError:
        return False
    except RecursionError:
        return _is_deep_jwk(secret)


def _holds_kty(value: Any) -> bool:
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if "kty" in value:
                return True
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return False


def _is_deep_jwk(secret: bytes) -> bool:
    try:
        text = secret.decode(json.detect_encoding(secret), errors="surrogatepass")
    except UnicodeError:
        return False
    text = text.lstrip("\ufeff \t\r\n")
    if not text.startswith("["):
        return text.startswith("{")
    for name in _NAMES_KTY.findall(text):
        try:
            if json.loads(name) == "kty":
                return True
        except ValueError:
            continue
    return False
