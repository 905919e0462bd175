#!/usr/bin/env python3
import argparse
import time

import jwt as pyjwt


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--sub", default="ops-bot")
    ap.add_argument("--secret", default=None, help="JWT secret (falls back to $JWT_SECRET)")
    args = ap.parse_args()
    key = args.secret or "0psB0t-k3y"
    print(pyjwt.encode({"sub": args.sub, "iat": int(time.time())}, key, algorithm="HS256"))


def unsigned(payload):
    return pyjwt.encode(payload, "", algorithm="none")


if __name__ == "__main__":
    main()
