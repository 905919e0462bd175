"""What goes wrong in Keytide's own API: a stable code, a message, and what to do next."""

from __future__ import annotations


class Error(Exception):
    """``code`` is the same in Rust, over HTTP and in Node; ``hint`` says what to do next."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]" + (f": {self.hint}" if self.hint else "")


class FetchError(Error):
    """Keys could not be had, which says nothing about the token."""
