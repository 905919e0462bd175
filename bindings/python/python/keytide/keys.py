"""Keys that know their algorithm."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Union

from ._native import NativeSigningKey, NativeVerifyingKey

_Text = Union[str, bytes]


def _bytes(value: _Text) -> bytes:
    return value.encode("utf-8") if isinstance(value, str) else value


def _json(value: Union[_Text, Mapping[str, Any]]) -> bytes:
    return _bytes(value) if isinstance(value, (str, bytes)) else json.dumps(dict(value)).encode()


class VerifyingKey:
    """A public key or a shared secret, bound to one algorithm.

    ``remember`` is how many tokens are kept whose signature held: their claims are checked again each
    time, their signature is not.
    """

    __slots__ = ("_native", "_prepared", "algorithm", "algorithm_name", "key_id")

    def __init__(self, native: NativeVerifyingKey, *, remember: int = 0) -> None:
        self._native = native
        self._prepared = native.prepared(remember)
        self.algorithm: str = native.algorithm
        self.algorithm_name: str = native.algorithm
        self.key_id: Optional[str] = native.key_id

    @classmethod
    def from_secret(
        cls, algorithm: str, secret: _Text, *, remember: int = 0
    ) -> VerifyingKey:
        """A secret at least as long as the hash's output (RFC 7518 section 3.2)."""
        return cls(NativeVerifyingKey.from_secret(algorithm, _bytes(secret)), remember=remember)

    @classmethod
    def from_pem(cls, algorithm: str, pem: _Text, *, remember: int = 0) -> VerifyingKey:
        """A public key in PEM, or the public half of a private one."""
        return cls(NativeVerifyingKey.from_pem(algorithm, _bytes(pem)), remember=remember)

    @classmethod
    def from_jwk(
        cls,
        jwk: Union[_Text, Mapping[str, Any]],
        algorithm: Optional[str] = None,
        *,
        remember: int = 0,
    ) -> VerifyingKey:
        """A JWK. ``algorithm`` is needed where it has no ``alg``."""
        return cls(NativeVerifyingKey.from_jwk(_json(jwk), algorithm), remember=remember)

    def with_key_id(self, key_id: str) -> VerifyingKey:
        """The same key under another ``kid``."""
        return type(self)(self._native.with_key_id(key_id))

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is one of this key over the message."""
        return self._native.verify(message, signature)

    def public_jwk(self) -> Optional[Dict[str, Any]]:
        """The public JWK; ``None`` for a secret."""
        text = self._native.public_jwk()
        return None if text is None else dict(json.loads(text))

    def public_pem(self) -> str:
        """The public key in PEM."""
        return self._native.public_pem()

    def __repr__(self) -> str:
        return f"<VerifyingKey {self.algorithm} kid={self.key_id!r}>"


class SigningKey:
    """A private key or a secret, bound to one algorithm. What it holds is never shown."""

    __slots__ = ("_native", "_prepared", "algorithm", "algorithm_name", "key_id")

    def __init__(self, native: NativeSigningKey) -> None:
        self._native = native
        self._prepared = native.prepared(0)
        self.algorithm: str = native.algorithm
        self.algorithm_name: str = native.algorithm
        self.key_id: Optional[str] = native.key_id

    @classmethod
    def generate(cls, algorithm: str, *, rsa_bits: Optional[int] = None) -> SigningKey:
        """A new key with a ``kid`` of its own."""
        return cls(NativeSigningKey.generate(algorithm, rsa_bits))

    @classmethod
    def from_secret(cls, algorithm: str, secret: _Text) -> SigningKey:
        """A secret at least as long as the hash's output (RFC 7518 section 3.2)."""
        return cls(NativeSigningKey.from_secret(algorithm, _bytes(secret)))

    @classmethod
    def from_pem(cls, algorithm: str, pem: _Text) -> SigningKey:
        """A private key in PEM, not encrypted."""
        return cls(NativeSigningKey.from_pem(algorithm, _bytes(pem)))

    @classmethod
    def from_jwk(
        cls, jwk: Union[_Text, Mapping[str, Any]], algorithm: Optional[str] = None
    ) -> SigningKey:
        """A private JWK. ``algorithm`` is needed where it has no ``alg``."""
        return cls(NativeSigningKey.from_jwk(_json(jwk), algorithm))

    def with_key_id(self, key_id: str) -> SigningKey:
        """The same key under another ``kid``."""
        return type(self)(self._native.with_key_id(key_id))

    def sign(self, message: bytes) -> bytes:
        """The signature of the message."""
        return self._native.sign(message)

    def verifying_key(self, *, remember: int = 0) -> VerifyingKey:
        """The key that verifies what this one signs."""
        return VerifyingKey(self._native.verifying_key(), remember=remember)

    def public_jwk(self) -> Optional[Dict[str, Any]]:
        """The public JWK; ``None`` for a secret."""
        text = self._native.public_jwk()
        return None if text is None else dict(json.loads(text))

    def expose_private_pem(self) -> str:
        """The private key in PEM, for whoever must store it."""
        return self._native.expose_pem()

    def __repr__(self) -> str:
        return f"<SigningKey {self.algorithm} kid={self.key_id!r}>"

    def __reduce__(self) -> Any:
        raise TypeError("a SigningKey is not pickled: that would write its secret where it is not guarded")
