"""Signed texts of any content (RFC 7515, RFC 7797), as PyJWT offers them."""

from __future__ import annotations

import binascii
import json
import re
import warnings
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Set, Tuple, Type, Union

from . import _prepared, _ring_key
from ._text import loads
from .algorithms import (
    Algorithm,
    get_default_algorithms,
    has_crypto,
    requires_cryptography,
)
from .api_jwk import PyJWK
from .exceptions import (
    DecodeError,
    InvalidAlgorithmError,
    InvalidKeyError,
    InvalidSignatureError,
    InvalidTokenError,
)
from .types import SigOptions
from .utils import base64url_encode
from .warnings import InsecureKeyLengthWarning, RemovedInPyjwt3Warning

if TYPE_CHECKING:
    from .algorithms import AllowedPrivateKeys, AllowedPublicKeys

_ALGORITHM_UNSET: Any = object()
_SEGMENT = re.compile(rb"[A-Za-z0-9_-]*")
_MOST_HEADERS = 1024
_LONGEST_KID = 1024


class PyJWS:
    """Encodes and decodes with a table of algorithms of its own."""

    header_typ = "JWT"
    #: The longest token that is read, in bytes; ``None`` for no limit.
    max_token_length: Optional[int] = 262_144
    _supported_crit: Set[str] = {"b64"}

    def __init__(
        self,
        algorithms: Optional[Sequence[str]] = None,
        options: Optional[SigOptions] = None,
    ) -> None:
        known = get_default_algorithms()
        self._valid_algs: Set[str] = set(known if algorithms is None else algorithms)
        self._algorithms = {
            name: algorithm for name, algorithm in known.items() if name in self._valid_algs
        }
        self.options: SigOptions = {**self._get_default_options(), **(options or {})}
        # Whether the engine may answer in place of the table: only while nobody has changed it.
        self._plain = type(self) is PyJWS and algorithms is None
        self._headers: Dict[Tuple[str, Optional[str], bool], str] = {}

    @staticmethod
    def _get_default_options() -> SigOptions:
        return {"verify_signature": True, "enforce_minimum_key_length": False}

    def register_algorithm(self, alg_id: str, alg_obj: Algorithm) -> None:
        """Adds an algorithm under a name that is free."""
        if alg_id in self._algorithms:
            raise ValueError("Algorithm already has a handler.")
        if not isinstance(alg_obj, Algorithm):
            raise TypeError("Object is not of type `Algorithm`")
        self._algorithms[alg_id] = alg_obj
        self._valid_algs.add(alg_id)

    def unregister_algorithm(self, alg_id: str) -> None:
        """Takes an algorithm out; ``KeyError`` where there is none of this name."""
        if alg_id not in self._algorithms:
            raise KeyError(
                "The specified algorithm could not be removed because it is not registered."
            )
        del self._algorithms[alg_id]
        self._valid_algs.remove(alg_id)
        self._plain = False

    def get_algorithms(self) -> List[str]:
        """The names that ``alg`` may have."""
        return list(self._valid_algs)

    def get_algorithm_by_name(self, alg_name: str) -> Algorithm:
        """The algorithm of this name; ``NotImplementedError`` where there is none."""
        try:
            return self._algorithms[alg_name]
        except (KeyError, TypeError) as error:
            if not has_crypto and alg_name in requires_cryptography:
                raise NotImplementedError(
                    f"Algorithm '{alg_name}' could not be found."
                    " Do you have cryptography installed?"
                ) from error
            raise NotImplementedError("Algorithm not supported") from error

    def encode(
        self,
        payload: bytes,
        key: Union[AllowedPrivateKeys, PyJWK, str, bytes, Any],
        algorithm: Optional[str] = _ALGORITHM_UNSET,
        headers: Optional[Dict[str, Any]] = None,
        json_encoder: Optional[Type[json.JSONEncoder]] = None,
        is_payload_detached: bool = False,
        sort_headers: bool = True,
    ) -> str:
        """Signs ``payload``. What ``headers`` says of ``alg`` goes before ``algorithm``."""
        signer = _ring_key.signer(key, None if algorithm is _ALGORITHM_UNSET else algorithm)
        if signer is not None:
            headers = signer.headers(headers)
            name: Any = signer.algorithm
        elif algorithm is not _ALGORITHM_UNSET and algorithm is not None:
            name = algorithm
        elif isinstance(key, PyJWK):
            name = key.algorithm_name
        else:
            name = "HS256" if algorithm is _ALGORITHM_UNSET else "none"
        header: Dict[str, Any] = {"typ": self.header_typ, "alg": name}
        if headers:
            name = headers.get("alg") or name
            is_payload_detached = is_payload_detached or headers.get("b64") is False
            self._validate_headers(headers, encoding=True)
            header.update(headers)
        if not header["typ"]:
            del header["typ"]
        if is_payload_detached:
            # RFC 7797 section 3: whoever does not know "b64" must not take the payload for encoded.
            header["b64"] = False
            crit = header.get("crit", [])
            if not isinstance(crit, list):
                raise InvalidTokenError("Invalid 'crit' header: must be a list")
            if "b64" not in crit:
                header["crit"] = [*crit, "b64"]
        else:
            header.pop("b64", None)
        text = json.dumps(
            header, separators=(",", ":"), cls=json_encoder, sort_keys=sort_headers
        ).encode()
        first = base64url_encode(text)
        signing_input = first + b"." + (payload if is_payload_detached else base64url_encode(payload))
        if signer is not None:
            signature = signer.sign(signing_input, payload, header, is_payload_detached)
            if isinstance(signature, str):
                return signature
        else:
            signature = self._sign(signing_input, key, name)
        if is_payload_detached:
            signing_input = first + b"."
        return (signing_input + b"." + base64url_encode(signature)).decode("utf-8")

    def _sign(self, signing_input: bytes, key: Any, name: str) -> bytes:
        algorithm = self.get_algorithm_by_name(name)
        ready = algorithm.prepare_key(key.key if isinstance(key, PyJWK) else key)
        notice = algorithm.check_key_length(ready)
        if notice:
            if self.options.get("enforce_minimum_key_length", False):
                raise InvalidKeyError(notice)
            warnings.warn(notice, InsecureKeyLengthWarning, stacklevel=3)
        signature = algorithm.sign(signing_input, ready)
        if self._plain:
            _prepared.learn(key, name, algorithm, ready, notice, signs=True)
        return signature

    def decode_complete(
        self,
        jwt: Union[str, bytes],
        key: Union[AllowedPublicKeys, PyJWK, str, bytes, Any] = "",
        algorithms: Optional[Sequence[str]] = None,
        options: Optional[SigOptions] = None,
        detached_payload: Optional[bytes] = None,
        **kwargs: Any,
    ) -> Dict[str, Any]:
        """Header, payload and signature of a text whose signature holds."""
        _warn_of(kwargs, "decode_complete")
        merged: SigOptions = self.options if options is None else {**self.options, **options}
        verify_signature = merged.get("verify_signature", True)
        if verify_signature and not algorithms and not _binds_algorithm(key):
            raise DecodeError(
                'It is required that you pass in a value for the "algorithms" argument when'
                " calling decode()."
            )
        payload, signing_input, header, signature = self._load(jwt)
        self._validate_headers(header)
        detached = header.get("b64", True) is False
        if detached_payload is not None and not detached:
            raise DecodeError(
                'It is only valid to pass "detached_payload" when the protected header has "b64"'
                " set to false."
            )
        if detached:
            crit = header.get("crit") or []
            if not isinstance(crit, list) or "b64" not in crit:
                raise InvalidTokenError(
                    "The 'b64' header parameter requires 'b64' to be listed in 'crit'."
                )
            if detached_payload is None:
                raise DecodeError(
                    'It is required that you pass in a value for the "detached_payload" argument'
                    " to decode a message having the b64 header set to false."
                )
            payload = detached_payload
            signing_input = signing_input.rsplit(b".", 1)[0] + b"." + payload
        if verify_signature:
            self._verify_signature(signing_input, header, signature, key, algorithms, merged)
        return {"payload": payload, "header": header, "signature": signature}

    def decode(
        self,
        jwt: Union[str, bytes],
        key: Union[AllowedPublicKeys, PyJWK, str, bytes, Any] = "",
        algorithms: Optional[Sequence[str]] = None,
        options: Optional[SigOptions] = None,
        detached_payload: Optional[bytes] = None,
        **kwargs: Any,
    ) -> Any:
        """The payload of a text whose signature holds."""
        _warn_of(kwargs, "decode")
        return self.decode_complete(
            jwt, key, algorithms, options, detached_payload=detached_payload
        )["payload"]

    def get_unverified_header(self, jwt: Union[str, bytes]) -> Dict[str, Any]:
        """The header as it is written: anybody may have written it."""
        header = self._load(jwt)[2]
        self._validate_headers(header)
        return header

    @staticmethod
    def _decode_base64url_segment(segment: bytes, name: str) -> bytes:
        # Some issuers pad their segments. Nothing else that a lenient reader skips is let pass: one
        # token would have many spellings.
        stripped = segment.rstrip(b"=")
        padding = len(segment) - len(stripped)
        well_formed = (
            padding <= 2
            and (padding == 0 or len(segment) % 4 == 0)
            and len(stripped) % 4 != 1
            and _SEGMENT.fullmatch(stripped) is not None
        )
        if not well_formed:
            raise DecodeError(f"Invalid {name} padding")
        decoded = binascii.a2b_base64(
            stripped.translate(_TO_STANDARD) + b"=" * (-len(stripped) % 4)
        )
        if base64url_encode(decoded) != stripped:
            raise DecodeError(f"Invalid {name} padding")
        return decoded

    def _load(self, jwt: Union[str, bytes]) -> Tuple[bytes, bytes, Dict[str, Any], bytes]:
        if isinstance(jwt, str):
            try:
                jwt = jwt.encode("utf-8")
            except UnicodeEncodeError as error:
                raise DecodeError("Invalid token type. Token must be ASCII") from error
        if not isinstance(jwt, bytes):
            raise DecodeError(f"Invalid token type. Token must be a {bytes}")
        if self.max_token_length is not None and len(jwt) > self.max_token_length:
            raise DecodeError(f"The token is longer than {self.max_token_length} bytes")
        signing_input, dot, crypto_segment = jwt.rpartition(b".")
        header_segment, inner_dot, payload_segment = signing_input.partition(b".")
        if not dot or not inner_dot:
            raise DecodeError("Not enough segments")
        header_text = self._decode_base64url_segment(header_segment, "header")
        try:
            header = loads(header_text)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"Invalid header string: {error}") from error
        if not isinstance(header, dict):
            raise DecodeError("Invalid header string: must be a json object")
        if not isinstance(header.get("b64", True), bool):
            raise InvalidTokenError("The 'b64' header parameter must be a boolean")
        if header.get("b64", True) is False:
            # The caller brings the payload; one in the token would only be work before the check.
            if payload_segment:
                raise DecodeError("Payload segment must be empty when 'b64' is false.")
            payload = b""
        else:
            payload = self._decode_base64url_segment(payload_segment, "payload")
        signature = self._decode_base64url_segment(crypto_segment, "crypto")
        return payload, signing_input, header, signature

    def _verify_signature(
        self,
        signing_input: bytes,
        header: Dict[str, Any],
        signature: bytes,
        key: Union[AllowedPublicKeys, PyJWK, str, bytes, Any] = "",
        algorithms: Optional[Sequence[str]] = None,
        options: Optional[SigOptions] = None,
    ) -> None:
        effective = self.options if options is None else options
        if algorithms is None and isinstance(key, PyJWK):
            algorithms = [key.algorithm_name]
        elif isinstance(algorithms, str):
            # One name, not a text to find parts of names in.
            algorithms = [algorithms]
        if "alg" not in header:
            raise InvalidAlgorithmError("Algorithm not specified")
        alg = header["alg"]
        if not alg or not isinstance(alg, str) or (algorithms is not None and alg not in algorithms):
            raise InvalidAlgorithmError("The specified alg value is not allowed")
        if _ring_key.verify(key, alg, header, signing_input, signature):
            return
        if isinstance(key, PyJWK):
            if alg != key.algorithm_name:
                raise InvalidAlgorithmError(
                    f"Token algorithm {alg!r} does not match the key's "
                    f"algorithm {key.algorithm_name!r}"
                )
            algorithm, given = key.Algorithm, key.key
        else:
            try:
                algorithm, given = self.get_algorithm_by_name(alg), key
            except NotImplementedError as error:
                raise InvalidAlgorithmError("Algorithm not supported") from error
        ready = algorithm.prepare_key(given)
        notice = algorithm.check_key_length(ready)
        if notice:
            if effective.get("enforce_minimum_key_length", False):
                raise InvalidKeyError(notice)
            warnings.warn(notice, InsecureKeyLengthWarning, stacklevel=4)
        if not algorithm.verify(signing_input, ready, signature):
            raise InvalidSignatureError("Signature verification failed")
        if self._plain:
            _prepared.learn(key, alg, algorithm, ready, notice, signs=False)

    def _validate_headers(self, headers: Dict[str, Any], *, encoding: bool = False) -> None:
        if "kid" in headers:
            self._validate_kid(headers["kid"])
        if not encoding and "crit" in headers:
            self._validate_crit(headers)

    def _validate_kid(self, kid: Any) -> None:
        if not isinstance(kid, str):
            raise InvalidTokenError("Key ID header parameter must be a string")
        if len(kid) > _LONGEST_KID:
            raise InvalidTokenError(
                f"Key ID header parameter is longer than {_LONGEST_KID} characters"
            )

    def _validate_crit(self, headers: Dict[str, Any]) -> None:
        crit = headers["crit"]
        if not isinstance(crit, list) or not crit:
            raise InvalidTokenError("Invalid 'crit' header: must be a non-empty list")
        for name in crit:
            if not isinstance(name, str):
                raise InvalidTokenError("Invalid 'crit' header: values must be strings")
            if name not in self._supported_crit:
                raise InvalidTokenError(f"Unsupported critical extension: {name}")
            if name not in headers:
                raise InvalidTokenError(f"Critical extension '{name}' is missing from headers")

    def _header_segment(self, alg: str, headers: Any, sort_headers: bool) -> Optional[str]:
        """The first segment of an ordinary token: no header of the caller's but ``kid``."""
        kid = None
        if headers:
            if type(headers) is not dict or len(headers) != 1:
                return None
            kid = headers.get("kid")
            if type(kid) is not str:
                return None
        known = self._headers.get((alg, kid, sort_headers))
        if known is not None:
            return known
        header = {"typ": "JWT", "alg": alg, **(headers or {})}
        text = json.dumps(header, separators=(",", ":"), sort_keys=sort_headers).encode()
        segment = base64url_encode(text).decode()
        if len(self._headers) < _MOST_HEADERS:
            self._headers[(alg, kid, sort_headers)] = segment
        return segment


_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def _binds_algorithm(key: Any) -> bool:
    return isinstance(key, PyJWK) or _ring_key.is_one(key)


def _warn_of(kwargs: Dict[str, Any], method: str) -> None:
    if kwargs:
        warnings.warn(
            f"passing additional kwargs to {method}() is deprecated "
            "and will be removed in pyjwt version 3. "
            f"Unsupported kwargs: {tuple(kwargs.keys())}",
            RemovedInPyjwt3Warning,
            stacklevel=3,
        )


_jws_global_obj = PyJWS()
encode = _jws_global_obj.encode
decode_complete = _jws_global_obj.decode_complete
decode = _jws_global_obj.decode
register_algorithm = _jws_global_obj.register_algorithm
unregister_algorithm = _jws_global_obj.unregister_algorithm
get_algorithm_by_name = _jws_global_obj.get_algorithm_by_name
get_unverified_header = _jws_global_obj.get_unverified_header
