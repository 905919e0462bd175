"""What an algorithm is, and the one that protects nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NoReturn,
    Optional,
    Tuple,
    Type,
    Union,
    overload,
)

from .exceptions import InvalidKeyError
from .types import JWKDict

try:
    import cryptography  # noqa: F401

    has_crypto = True
except ModuleNotFoundError:
    has_crypto = False

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes


class Algorithm(ABC):
    """Signs and verifies. Subclass it to register an algorithm of your own."""

    _crypto_key_types: Optional[Tuple[Type[Any], ...]] = None

    def compute_hash_digest(self, bytestr: bytes) -> bytes:
        """The digest by this algorithm's hash; ``NotImplementedError`` where it has none."""
        hash_alg: Any = getattr(self, "hash_alg", None)
        if hash_alg is None:
            raise NotImplementedError
        if has_crypto and isinstance(hash_alg, type):
            from cryptography.hazmat.primitives import hashes

            if issubclass(hash_alg, hashes.HashAlgorithm):
                digest = hashes.Hash(hash_alg())
                digest.update(bytestr)
                return bytes(digest.finalize())
        return bytes(hash_alg(bytestr).digest())

    def check_crypto_key_type(self, key: Union[PublicKeyTypes, PrivateKeyTypes]) -> None:
        """``InvalidKeyError`` for a key of another family than this algorithm's."""
        kinds = self._crypto_key_types
        if not has_crypto or kinds is None:
            raise ValueError(
                "This method requires the cryptography library, and should only be used by"
                " cryptography-based algorithms."
            )
        if not isinstance(key, kinds):
            known = ", ".join(kind.__name__ for kind in kinds)
            raise InvalidKeyError(
                f"Expected one of {known}, got: {type(key).__name__}."
                f" Invalid Key type for {type(self).__name__}"
            )

    @abstractmethod
    def prepare_key(self, key: Any) -> Any:
        """The key as ``sign`` and ``verify`` take it, checked."""

    @abstractmethod
    def sign(self, msg: bytes, key: Any) -> bytes:
        """The signature of ``msg``."""

    @abstractmethod
    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        """Whether ``sig`` is a signature of ``msg``."""

    @overload
    @staticmethod
    @abstractmethod
    def to_jwk(key_obj: Any, as_dict: Literal[True]) -> JWKDict: ...

    @overload
    @staticmethod
    @abstractmethod
    def to_jwk(key_obj: Any, as_dict: Literal[False] = False) -> str: ...

    @staticmethod
    @abstractmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> Union[JWKDict, str]:
        """The key as a JWK."""

    @staticmethod
    @abstractmethod
    def from_jwk(jwk: Union[str, JWKDict]) -> Any:
        """The key that a JWK holds."""

    def check_key_length(self, key: Any) -> Optional[str]:
        """What to say of a key that is too short; ``None`` for a good one."""
        return None


class NoneAlgorithm(Algorithm):
    """No signature. It signs nothing and verifies nothing."""

    def prepare_key(self, key: Optional[str]) -> None:
        if key is not None and key != "":
            raise InvalidKeyError('When alg = "none", key value must be None.')

    def sign(self, msg: bytes, key: None) -> bytes:
        return b""

    def verify(self, msg: bytes, key: None, sig: bytes) -> bool:
        return False

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> NoReturn:
        raise NotImplementedError()

    @staticmethod
    def from_jwk(jwk: Union[str, JWKDict]) -> NoReturn:
        raise NotImplementedError()
