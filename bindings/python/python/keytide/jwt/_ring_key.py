"""Keytide's own keys and rings in the place of a key: they choose the key and bind the algorithm."""

from __future__ import annotations

from typing import Any, Dict, Optional, Union

from keytide.errors import Error, FetchError
from keytide.keys import SigningKey, VerifyingKey
from keytide.ring import Ring

from .exceptions import (
    DecodeError,
    InvalidAlgorithmError,
    InvalidKeyError,
    InvalidSignatureError,
    PyJWKClientConnectionError,
    PyJWKClientError,
)
_KINDS = (Ring, SigningKey, VerifyingKey)


def is_one(key: Any) -> bool:
    """Whether the key binds its algorithm itself."""
    return isinstance(key, _KINDS)


def verify(
    key: Any, alg: str, header: Dict[str, Any], signing_input: bytes, signature: bytes
) -> bool:
    """False for a key of another kind; an error where the signature does not hold."""
    if isinstance(key, Ring):
        try:
            key._native.verify(header.get("kid"), alg, signing_input, signature)
        except Error as error:
            raise translated(error) from error
        return True
    if not isinstance(key, (SigningKey, VerifyingKey)):
        return False
    if alg != key.algorithm:
        raise InvalidAlgorithmError(
            f"Token algorithm {alg!r} does not match the key's algorithm {key.algorithm!r}"
        )
    public = key.verifying_key() if isinstance(key, SigningKey) else key
    if not public.verify(signing_input, signature):
        raise InvalidSignatureError("Signature verification failed")
    return True


def translated(error: Error) -> Exception:
    """The error in the words that callers of ``jwt`` catch."""
    if isinstance(error, FetchError):
        return PyJWKClientConnectionError(str(error))
    if error.code == "bad_signature":
        return InvalidSignatureError("Signature verification failed")
    if error.code in ("alg_not_allowed", "key_alg_mismatch"):
        return InvalidAlgorithmError("The specified alg value is not allowed")
    if error.code == "verify_only":
        return InvalidKeyError(str(error))
    if error.code in ("unknown_kid", "no_key", "missing_kid"):
        return DecodeError(str(error))
    return PyJWKClientError(str(error))


class Signer:
    """One key for one token: a ring may have another for the next."""

    def __init__(self, key: Any) -> None:
        self._key: Any = key
        self._native: Any = None
        if isinstance(key, Ring):
            try:
                self._native = key._native.signer()
            except Error as error:
                raise translated(error) from error
        own: Any = self._key if self._native is None else self._native
        self.algorithm: str = own.algorithm
        self._key_id: Optional[str] = own.key_id

    def headers(self, given: Optional[Dict[str, Any]]) -> Dict[str, Any]:
        """The caller's headers with the key's ``kid``, which nobody else can know."""
        headers = dict(given or {})
        if headers.get("alg", self.algorithm) != self.algorithm:
            raise InvalidAlgorithmError(
                f"The key signs with {self.algorithm}; leave 'alg' out of the headers"
            )
        if self._key_id is not None:
            headers["kid"] = self._key_id
        return headers

    def sign(
        self, signing_input: bytes, payload: bytes, header: Dict[str, Any], detached: bool
    ) -> Union[str, bytes]:
        """The signature, or the whole token where a server made it."""
        try:
            if self._native is None:
                return bytes(self._key.sign(signing_input))
            if not self._native.remote:
                if detached:
                    raise InvalidKeyError("A ring signs no detached payloads")
                return str(self._native.finish(signing_input.decode("ascii")))
            extra = set(header) - {"alg", "kid", "typ"}
            if extra or detached:
                raise InvalidKeyError(
                    "The ring's server writes the header; leave out " + ", ".join(sorted(extra))
                )
            return str(self._native.ask(payload, header.get("typ")))
        except Error as error:
            raise translated(error) from error


def signer(key: Any, algorithm: Optional[str]) -> Optional[Signer]:
    """What signs for one of Keytide's keys; ``None`` for a key of another kind."""
    if not is_one(key):
        return None
    if isinstance(key, VerifyingKey):
        raise InvalidKeyError("A VerifyingKey does not sign; give the SigningKey")
    found = Signer(key)
    if algorithm is not None and algorithm != found.algorithm:
        raise InvalidAlgorithmError(
            f"The key signs with {found.algorithm}, not with {algorithm}"
        )
    return found
