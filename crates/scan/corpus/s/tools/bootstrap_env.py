#!/usr/bin/env python3
"""Writes a .env for local development."""
import secrets
from pathlib import Path

TEMPLATE = """\
DEBUG=1
JWT_SECRET={jwt_secret}
JWT_ISSUER=local
SENTRY_DSN=
"""


def main() -> None:
    target = Path(".env")
    if target.exists():
        raise SystemExit(".env exists; remove it or edit JWT_SECRET= by hand")
    target.write_text(TEMPLATE.format(jwt_secret=secrets.token_urlsafe(48)))
    print("JWT_SECRET written to .env")


if __name__ == "__main__":
    main()
