"""Keys that change while the program runs, and are a key to whoever uses them."""

from __future__ import annotations

import os
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, TypeVar

from ._native import NativePolicy, NativeRing, NativeVerifier

_T = TypeVar("_T")
# Bytes of verified tokens that a policy remembers for a ring.
_REMEMBER = 8 << 20
_MOST_POLICIES = 64


class Ring:
    """A set of keys of which one signs; a background thread keeps it fresh.

    Options are seconds unless they say otherwise: ``timeout``, ``connect_timeout``, ``default_ttl``,
    ``min_ttl``, ``max_ttl``, ``stale_for``, ``cooldown``, ``unknown_kid_ttl``, ``max_bytes``,
    ``allow_plain_http``, ``fetch_at_start``, ``background``.
    """

    def __init__(self, native: NativeRing) -> None:
        self._native = native
        self._verifiers: Dict[int, Any] = {}

    @classmethod
    def from_env(
        cls, environ: Optional[Mapping[str, str]] = None, **names: str
    ) -> Ring:
        """``JWT_KEYS``, or ``JWT_SECRET`` with ``JWT_SECRET_NEXT`` and ``JWT_SECRET_PREVIOUS``.

        Other variables are named with ``keys``, ``secret``, ``secret_next``, ``secret_previous``;
        ``algorithm`` is the secrets'.
        """
        env = os.environ if environ is None else environ
        return cls(NativeRing.from_env(dict(env), names))

    @classmethod
    def from_jwks(cls, url: str, **options: Any) -> Ring:
        """The public key set at a URL: it verifies and does not sign."""
        return cls(NativeRing.from_jwks(url, options))

    @classmethod
    def connect(cls, url: str, token: str, **options: Any) -> Ring:
        """A ring on a Keytide server, ``https://keys.example:7430/rings/NAME``.

        ``consumer``, ``instance`` and ``wait`` besides the options above.
        """
        host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME")
        return cls(NativeRing.connect(url, token, host or "host", options))

    def refresh(self) -> None:
        """Fetches the keys now."""
        self._native.refresh()

    async def refresh_async(self) -> None:
        """The same without holding up the event loop."""
        await _in_thread(self.refresh)

    def status(self) -> Dict[str, Any]:
        """Where the keys are from, how old they are, the last error, and which were passed over."""
        return self._native.status()

    def encode(self, claims: Dict[str, Any], **keywords: Any) -> str:
        """``keytide.jwt.encode(claims, ring)``."""
        from . import jwt

        return jwt.encode(claims, self, **keywords)

    def decode(self, token: str, **keywords: Any) -> Dict[str, Any]:
        """``keytide.jwt.decode(token, ring)``."""
        from . import jwt

        return jwt.decode(token, self, **keywords)

    async def encode_async(self, claims: Dict[str, Any], **keywords: Any) -> str:
        """The same without holding up the event loop: a ring's server may sign."""
        return await _in_thread(lambda: self.encode(claims, **keywords))

    async def decode_async(self, token: str, **keywords: Any) -> Dict[str, Any]:
        """The same without holding up the event loop: keys may have to be fetched."""
        return await _in_thread(lambda: self.decode(token, **keywords))

    def _verifier(self, policy: NativePolicy) -> NativeVerifier:
        # The policy is kept beside its verifier, so that its identity cannot become another's.
        known = self._verifiers.get(id(policy))
        if known is None or known[0] is not policy:
            if len(self._verifiers) >= _MOST_POLICIES:
                self._verifiers.clear()
            known = (policy, policy.verifier(self._native, _REMEMBER))
            self._verifiers[id(policy)] = known
        verifier: NativeVerifier = known[1]
        return verifier

    def __repr__(self) -> str:
        return f"<Ring of {self.status()['source']}>"


class JwksClient(Ring):
    """The key set of an issuer: a ring that only verifies."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(NativeRing.from_jwks(url, options))


async def _in_thread(call: Callable[[], _T]) -> _T:
    import asyncio

    done: Awaitable[_T] = asyncio.get_running_loop().run_in_executor(None, call)
    return await done
