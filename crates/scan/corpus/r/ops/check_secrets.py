"""Refuses to deploy when a well-known secret is in use."""
import sys

KNOWN_BAD = {
    "secret",
    "your-256-bit-secret",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
}


def main(env: dict) -> int:
    value = env.get("JWT_SECRET", "")
    if not value or value in KNOWN_BAD:
        print("JWT_SECRET is missing or well known: set JWT_SECRET='<64 random hex>'", file=sys.stderr)
        return 1
    return 0
