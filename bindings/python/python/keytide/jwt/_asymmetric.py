"""RSA, ECDSA and EdDSA over the key objects of ``cryptography`` (RFC 7518 section 3, RFC 8037)."""

from __future__ import annotations

import json
from typing import (
    Any,
    ClassVar,
    Literal,
    NoReturn,
    Optional,
    Tuple,
    Type,
    Union,
    cast,
    overload,
)

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_public_key,
)

from . import _ring_key
from ._algorithm import Algorithm
from ._jwk_text import members_of
from .exceptions import InvalidKeyError
from .types import JWKDict
from .utils import (
    base64url_decode,
    base64url_encode,
    der_to_raw_signature,
    force_bytes,
    from_base64url_uint,
    raw_to_der_signature,
    to_base64url_uint,
)

AllowedRSAKeys = Union[rsa.RSAPrivateKey, rsa.RSAPublicKey]
AllowedECKeys = Union[ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey]
AllowedOKPKeys = Union[
    ed25519.Ed25519PrivateKey,
    ed25519.Ed25519PublicKey,
    ed448.Ed448PrivateKey,
    ed448.Ed448PublicKey,
]
AllowedKeys = Union[AllowedRSAKeys, AllowedECKeys, AllowedOKPKeys]
AllowedPrivateKeys = Union[
    rsa.RSAPrivateKey,
    ec.EllipticCurvePrivateKey,
    ed25519.Ed25519PrivateKey,
    ed448.Ed448PrivateKey,
]
AllowedPublicKeys = Union[
    rsa.RSAPublicKey,
    ec.EllipticCurvePublicKey,
    ed25519.Ed25519PublicKey,
    ed448.Ed448PublicKey,
]

_FEWEST_RSA_BITS = 2048
_CRT = ("p", "q", "dp", "dq", "qi")


def _as_asked(jwk: JWKDict, as_dict: bool) -> Union[JWKDict, str]:
    return jwk if as_dict else json.dumps(jwk)


def _no_pem(key: Any) -> NoReturn:
    raise TypeError("Expecting a PEM-formatted key.")


class RSAAlgorithm(Algorithm):
    """RSASSA-PKCS1-v1_5."""

    SHA256: ClassVar[Type[hashes.HashAlgorithm]] = hashes.SHA256
    SHA384: ClassVar[Type[hashes.HashAlgorithm]] = hashes.SHA384
    SHA512: ClassVar[Type[hashes.HashAlgorithm]] = hashes.SHA512

    _crypto_key_types: Optional[Tuple[Type[Any], ...]] = (rsa.RSAPrivateKey, rsa.RSAPublicKey)
    _MIN_KEY_SIZE: ClassVar[int] = _FEWEST_RSA_BITS

    def __init__(self, hash_alg: Type[hashes.HashAlgorithm]) -> None:
        self.hash_alg = hash_alg

    def check_key_length(self, key: AllowedRSAKeys) -> Optional[str]:
        if key.key_size >= self._MIN_KEY_SIZE:
            return None
        return (
            f"The RSA key is {key.key_size} bits long, which is below "
            f"the minimum recommended size of {self._MIN_KEY_SIZE} bits. "
            f"See NIST SP 800-131A."
        )

    def prepare_key(self, key: Any) -> Any:
        if _ring_key.is_one(key):
            return key  # It binds its algorithm itself, and some callers prepare keys beforehand.
        if isinstance(key, (rsa.RSAPrivateKey, rsa.RSAPublicKey)):
            return key
        text = force_bytes(key) if isinstance(key, (bytes, str)) else _no_pem(key)
        try:
            loaded: Any
            if text.startswith(b"ssh-rsa"):
                loaded = load_ssh_public_key(text)
            else:
                loaded = load_pem_private_key(text, password=None)
        except ValueError:
            try:
                loaded = load_pem_public_key(text)
            except (ValueError, UnsupportedAlgorithm):
                raise InvalidKeyError("Could not parse the provided public key.") from None
        self.check_crypto_key_type(loaded)
        return cast(AllowedRSAKeys, loaded)

    @overload
    @staticmethod
    def to_jwk(key_obj: AllowedRSAKeys, as_dict: Literal[True]) -> JWKDict: ...

    @overload
    @staticmethod
    def to_jwk(key_obj: AllowedRSAKeys, as_dict: Literal[False] = False) -> str: ...

    @staticmethod
    def to_jwk(key_obj: AllowedRSAKeys, as_dict: bool = False) -> Union[JWKDict, str]:
        key: Any = key_obj
        if hasattr(key, "private_numbers"):
            private = key.private_numbers()
            public = private.public_numbers
            secret = {
                "d": private.d,
                "p": private.p,
                "q": private.q,
                "dp": private.dmp1,
                "dq": private.dmq1,
                "qi": private.iqmp,
            }
        elif hasattr(key, "verify"):
            public, secret = key.public_numbers(), {}
        else:
            raise InvalidKeyError("Not a public or private key")
        jwk: JWKDict = {"kty": "RSA", "key_ops": ["sign" if secret else "verify"]}
        for name, number in {"n": public.n, "e": public.e, **secret}.items():
            jwk[name] = to_base64url_uint(number).decode()
        return _as_asked(jwk, as_dict)

    @staticmethod
    def from_jwk(jwk: Union[str, JWKDict]) -> AllowedRSAKeys:
        members = members_of(jwk)
        if members.get("kty") != "RSA":
            raise InvalidKeyError("Not an RSA key")
        if "n" not in members or "e" not in members:
            raise InvalidKeyError("Not a public or private key")
        if "d" in members and "oth" in members:
            raise InvalidKeyError("Unsupported RSA private key: > 2 primes not supported")
        given = [name for name in _CRT if name in members]
        if "d" in members and given and len(given) < len(_CRT):
            raise InvalidKeyError(
                "RSA key must include all parameters if any are present besides d"
            )
        public = rsa.RSAPublicNumbers(
            from_base64url_uint(members["e"]), from_base64url_uint(members["n"])
        )
        if "d" not in members:
            return public.public_key()
        d = from_base64url_uint(members["d"])
        if given:
            p, q, dp, dq, qi = (from_base64url_uint(members[name]) for name in _CRT)
        else:
            p, q = rsa.rsa_recover_prime_factors(public.n, d, public.e)
            dp, dq, qi = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key()

    def _padding(self) -> Any:
        return padding.PKCS1v15()

    def sign(self, msg: bytes, key: rsa.RSAPrivateKey) -> bytes:
        return bytes(key.sign(msg, self._padding(), self.hash_alg()))

    def verify(self, msg: bytes, key: rsa.RSAPublicKey, sig: bytes) -> bool:
        try:
            key.verify(sig, msg, self._padding(), self.hash_alg())
            return True
        except InvalidSignature:
            return False


class RSAPSSAlgorithm(RSAAlgorithm):
    """RSASSA-PSS, with a salt as long as the hash."""

    def _padding(self) -> Any:
        return padding.PSS(
            mgf=padding.MGF1(self.hash_alg()), salt_length=self.hash_alg().digest_size
        )


# The name in a JWK, the class, and the bytes of a coordinate.
_CURVES: Any = (
    ("P-256", ec.SECP256R1, 32),
    ("P-384", ec.SECP384R1, 48),
    ("P-521", ec.SECP521R1, 66),
    ("secp256k1", ec.SECP256K1, 32),
)


class ECAlgorithm(Algorithm):
    """ECDSA, bound to a curve where one is given."""

    SHA256: ClassVar[Type[hashes.HashAlgorithm]] = hashes.SHA256
    SHA384: ClassVar[Type[hashes.HashAlgorithm]] = hashes.SHA384
    SHA512: ClassVar[Type[hashes.HashAlgorithm]] = hashes.SHA512

    _crypto_key_types: Optional[Tuple[Type[Any], ...]] = (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)

    def __init__(
        self,
        hash_alg: Type[hashes.HashAlgorithm],
        expected_curve: Optional[Type[ec.EllipticCurve]] = None,
    ) -> None:
        self.hash_alg = hash_alg
        self.expected_curve = expected_curve

    def _validate_curve(self, key: AllowedECKeys) -> None:
        expected = self.expected_curve
        if expected is not None and not isinstance(key.curve, expected):
            raise InvalidKeyError(
                f"The key's curve '{key.curve.name}' does not match the expected "
                f"curve '{expected.name}' for this algorithm"
            )

    def prepare_key(self, key: Any) -> Any:
        if _ring_key.is_one(key):
            return key  # It binds its algorithm itself, and some callers prepare keys beforehand.
        loaded: Any = key
        if not isinstance(key, (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)):
            text = force_bytes(key) if isinstance(key, (bytes, str)) else _no_pem(key)
            try:
                if text.startswith(b"ecdsa-sha2-"):
                    loaded = load_ssh_public_key(text)
                else:
                    loaded = load_pem_public_key(text)
            except ValueError:
                loaded = load_pem_private_key(text, password=None)
            self.check_crypto_key_type(loaded)
        self._validate_curve(loaded)
        return cast(AllowedECKeys, loaded)

    def sign(self, msg: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
        return der_to_raw_signature(key.sign(msg, ec.ECDSA(self.hash_alg())), key.curve)

    def verify(self, msg: bytes, key: AllowedECKeys, sig: bytes) -> bool:
        try:
            der = raw_to_der_signature(sig, key.curve)
        except ValueError:
            return False
        public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
        try:
            public.verify(der, msg, ec.ECDSA(self.hash_alg()))
            return True
        except InvalidSignature:
            return False

    @overload
    @staticmethod
    def to_jwk(key_obj: AllowedECKeys, as_dict: Literal[True]) -> JWKDict: ...

    @overload
    @staticmethod
    def to_jwk(key_obj: AllowedECKeys, as_dict: Literal[False] = False) -> str: ...

    @staticmethod
    def to_jwk(key_obj: AllowedECKeys, as_dict: bool = False) -> Union[JWKDict, str]:
        if isinstance(key_obj, ec.EllipticCurvePrivateKey):
            public = key_obj.public_key().public_numbers()
        elif isinstance(key_obj, ec.EllipticCurvePublicKey):
            public = key_obj.public_numbers()
        else:
            raise InvalidKeyError("Not a public or private key")
        curve = key_obj.curve
        names = [name for name, kind, _ in _CURVES if isinstance(curve, kind)]
        if not names:
            raise InvalidKeyError(f"Invalid curve: {curve}")
        numbers = {"x": public.x, "y": public.y}
        if isinstance(key_obj, ec.EllipticCurvePrivateKey):
            numbers["d"] = key_obj.private_numbers().private_value
        jwk: JWKDict = {"kty": "EC", "crv": names[0]}
        for name, number in numbers.items():
            jwk[name] = to_base64url_uint(number, bit_length=curve.key_size).decode()
        return _as_asked(jwk, as_dict)

    @staticmethod
    def from_jwk(jwk: Union[str, JWKDict]) -> AllowedECKeys:
        members = members_of(jwk)
        if members.get("kty") != "EC" or "x" not in members or "y" not in members:
            raise InvalidKeyError("Not an Elliptic curve key")
        x, y = base64url_decode(members["x"]), base64url_decode(members["y"])
        crv = members.get("crv")
        for name, kind, size in _CURVES:
            if name == crv:
                break
        else:
            raise InvalidKeyError(f"Invalid curve: {crv}")
        if len(x) != size or len(y) != size:
            raise InvalidKeyError(f"Coords should be {size} bytes for curve {name}")
        public = ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), kind()
        )
        if "d" not in members:
            return public.public_key()
        d = base64url_decode(members["d"])
        if len(d) != size:
            raise InvalidKeyError("D should be {} bytes for curve {}", size, crv)
        return ec.EllipticCurvePrivateNumbers(int.from_bytes(d, "big"), public).private_key()


class OKPAlgorithm(Algorithm):
    """EdDSA with Ed25519 or Ed448."""

    _crypto_key_types: Optional[Tuple[Type[Any], ...]] = (
        ed25519.Ed25519PrivateKey,
        ed25519.Ed25519PublicKey,
        ed448.Ed448PrivateKey,
        ed448.Ed448PublicKey,
    )

    def __init__(self, **kwargs: Any) -> None:
        pass

    def prepare_key(self, key: Any) -> Any:
        if _ring_key.is_one(key):
            return key  # It binds its algorithm itself, and some callers prepare keys beforehand.
        loaded: Any = key
        if isinstance(key, (str, bytes)):
            text = key.decode("utf-8") if isinstance(key, bytes) else key
            data = force_bytes(key)
            if "-----BEGIN PUBLIC" in text:
                loaded = load_pem_public_key(data)
            elif "-----BEGIN PRIVATE" in text:
                loaded = load_pem_private_key(data, password=None)
            elif text.startswith("ssh-"):
                loaded = load_ssh_public_key(data)
            else:
                raise InvalidKeyError("Not a public or private key")
        self.check_crypto_key_type(loaded)
        return cast(AllowedOKPKeys, loaded)

    def sign(
        self,
        msg: Union[str, bytes],
        key: Union[ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey],
    ) -> bytes:
        return bytes(key.sign(_bytes(msg)))

    def verify(self, msg: Union[str, bytes], key: AllowedOKPKeys, sig: Union[str, bytes]) -> bool:
        if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
            key = key.public_key()
        try:
            key.verify(_bytes(sig), _bytes(msg))
            return True
        except InvalidSignature:
            return False

    @overload
    @staticmethod
    def to_jwk(key_obj: AllowedOKPKeys, as_dict: Literal[True]) -> JWKDict: ...

    @overload
    @staticmethod
    def to_jwk(key_obj: AllowedOKPKeys, as_dict: Literal[False] = False) -> str: ...

    @staticmethod
    def to_jwk(key_obj: AllowedOKPKeys, as_dict: bool = False) -> Union[JWKDict, str]:
        key = key_obj
        private: Optional[bytes] = None
        public: Any = key
        if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
            private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            public = key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            crv = "Ed25519"
        elif isinstance(public, ed448.Ed448PublicKey):
            crv = "Ed448"
        else:
            raise InvalidKeyError("Not a public or private key")
        jwk = {"x": base64url_encode(_raw(public)).decode()}
        if private is not None:
            jwk["d"] = base64url_encode(private).decode()
        jwk.update(kty="OKP", crv=crv)
        return _as_asked(jwk, as_dict)

    @staticmethod
    def from_jwk(jwk: Union[str, JWKDict]) -> AllowedOKPKeys:
        members = members_of(jwk)
        if members.get("kty") != "OKP":
            raise InvalidKeyError("Not an Octet Key Pair")
        crv = members.get("crv")
        if crv not in ("Ed25519", "Ed448"):
            raise InvalidKeyError(f"Invalid curve: {crv}")
        if "x" not in members:
            raise InvalidKeyError('OKP should have "x" parameter')
        x = base64url_decode(members["x"])
        kinds: Any = (
            (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey)
            if crv == "Ed25519"
            else (ed448.Ed448PublicKey, ed448.Ed448PrivateKey)
        )
        try:
            if "d" not in members:
                return cast(AllowedOKPKeys, kinds[0].from_public_bytes(x))
            private = kinds[1].from_private_bytes(base64url_decode(members["d"]))
        except ValueError as error:
            raise InvalidKeyError("Invalid key parameter") from error
        if _raw(private.public_key()) != x:
            raise InvalidKeyError("Public key does not match private key")
        return cast(AllowedOKPKeys, private)


class Ed25519Algorithm(OKPAlgorithm):
    """EdDSA with Ed25519 alone (RFC 9864)."""

    _crypto_key_types: Optional[Tuple[Type[Any], ...]] = (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)


def _bytes(value: Union[str, bytes]) -> bytes:
    return value.encode("utf-8") if isinstance(value, str) else value


def _raw(public: Any) -> bytes:
    return bytes(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
