"""Fails the build when a known-bad secret is deployed."""
import os
import re
import sys

KNOWN_BAD_JWT_SECRETS = {
    "secret",
    "your-256-bit-secret",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
}
JWT_SECRET_RE = re.compile(r"JWT_SECRET\s*=\s*['\"]([^'\"]+)['\"]")


def main() -> int:
    value = os.environ.get("JWT_SECRET", "")
    if not value:
        print("JWT_SECRET is empty", file=sys.stderr)
        return 1
    if value in KNOWN_BAD_JWT_SECRETS:
        print("JWT_SECRET is publicly known", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
