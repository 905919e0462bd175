"""JSON Web Keys and sets of them (RFC 7517)."""

from __future__ import annotations

import time
from typing import Any, Dict, Iterator, List, Optional

from ._text import loads
from .algorithms import get_default_algorithms, has_crypto, requires_cryptography
from .exceptions import (
    InvalidKeyError,
    MissingCryptographyError,
    PyJWKError,
    PyJWKSetError,
    PyJWTError,
)
from .types import JWKDict

_EC_ALGORITHMS = {
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "secp256k1": "ES256K",
}


class PyJWK:
    """One key, bound to one algorithm: the given one, the key's ``alg``, or its type's usual one."""

    def __init__(self, jwk_data: JWKDict, algorithm: Optional[str] = None) -> None:
        self._jwk_data = jwk_data
        kty = jwk_data.get("kty", None)
        if not kty:
            raise InvalidKeyError(f"kty is not found: {_names(jwk_data)}")
        name = algorithm or jwk_data.get("alg", None) or _usual_algorithm(kty, jwk_data)
        if not has_crypto and name in requires_cryptography:
            raise MissingCryptographyError(f"{name} requires 'cryptography' to be installed.")
        self.algorithm_name: str = name
        try:
            self.Algorithm = get_default_algorithms()[name]
        except KeyError:
            raise PyJWKError(
                f"Unable to find an algorithm for key: {_names(jwk_data)}"
            ) from None
        try:
            self.key = self.Algorithm.from_jwk(jwk_data)
        except (TypeError, ValueError) as error:
            raise InvalidKeyError(f"Unable to construct key from JWK: {error}") from error

    @staticmethod
    def from_dict(obj: JWKDict, algorithm: Optional[str] = None) -> PyJWK:
        """A key from its members."""
        return PyJWK(obj, algorithm)

    @staticmethod
    def from_json(data: str, algorithm: Optional[str] = None) -> PyJWK:
        """A key from its JSON text."""
        return PyJWK.from_dict(loads(data), algorithm)

    @property
    def key_type(self) -> Optional[str]:
        """``kty``."""
        return self._jwk_data.get("kty", None)

    @property
    def key_id(self) -> Optional[str]:
        """``kid``."""
        return self._jwk_data.get("kid", None)

    @property
    def public_key_use(self) -> Optional[str]:
        """``use``."""
        return self._jwk_data.get("use", None)


class PyJWKSet:
    """The usable keys of a JWK Set; others are passed over (RFC 7517 section 5)."""

    def __init__(self, keys: List[JWKDict]) -> None:
        if not keys:
            raise PyJWKSetError("The JWK Set did not contain any keys")
        if not isinstance(keys, list):
            raise PyJWKSetError("Invalid JWK Set value")
        self.keys: List[PyJWK] = []
        for key in keys:
            if not isinstance(key, dict):
                continue
            try:
                self.keys.append(PyJWK(key))
            except MissingCryptographyError:
                raise
            except PyJWTError:
                continue
        if not self.keys:
            raise PyJWKSetError(
                "The JWK Set did not contain any usable keys."
                " Perhaps 'cryptography' is not installed?"
            )

    @staticmethod
    def from_dict(obj: Dict[str, Any]) -> PyJWKSet:
        """A set from its members."""
        return PyJWKSet(obj.get("keys", []))

    @staticmethod
    def from_json(data: str) -> PyJWKSet:
        """A set from its JSON text."""
        return PyJWKSet.from_dict(loads(data))

    def __getitem__(self, kid: str) -> PyJWK:
        for key in self.keys:
            if key.key_id == kid:
                return key
        raise KeyError(f"keyset has no key for kid: {kid}")

    def __iter__(self) -> Iterator[PyJWK]:
        return iter(self.keys)


class PyJWTSetWithTimestamp:
    """A set, and when it came."""

    def __init__(self, jwk_set: PyJWKSet):
        self.jwk_set = jwk_set
        self.timestamp = time.monotonic()

    def get_jwk_set(self) -> PyJWKSet:
        """The set."""
        return self.jwk_set

    def get_timestamp(self) -> float:
        """When it came, by the monotonic clock."""
        return self.timestamp


def _usual_algorithm(kty: str, jwk: JWKDict) -> str:
    crv = jwk.get("crv", None)
    if kty == "RSA":
        return "RS256"
    if kty == "oct":
        return "HS256"
    if kty == "EC":
        name = _EC_ALGORITHMS.get(crv) if crv else "ES256"
    elif kty == "OKP":
        if not crv:
            raise InvalidKeyError(f"crv is not found: {_names(jwk)}")
        name = "EdDSA" if crv == "Ed25519" else None
    else:
        raise InvalidKeyError(f"Unsupported kty: {kty}")
    if name is None:
        raise InvalidKeyError(f"Unsupported crv: {crv}")
    return name


def _names(jwk: JWKDict) -> str:
    # Never the values: a JWK may be private, and errors are logged.
    return "a JWK with " + (", ".join(sorted(map(str, jwk))) or "no members")
