"""Ours against PyJWT: `run.py --original FOLDER [--seed N] [--calls N]`; fails on any other difference."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent


def write_keys(path):
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    from keytide.jwt import algorithms

    keys, jwks = {}, []
    handlers = algorithms.get_default_algorithms()
    rsa_key, small = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)
    made = {"RS256": rsa_key, "RS384": small, "PS256": rsa_key, "ES256": ec.generate_private_key(ec.SECP256R1()), "ES384": ec.generate_private_key(ec.SECP384R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate()}
    for alg, key in made.items():
        keys[alg] = [
            key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode(),
            key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode(),
        ]
        for form in (key, key.public_key()):
            jwks.append({**handlers[alg].to_jwk(form, as_dict=True), "kid": alg})
    jwks.append({"kty": "oct", "k": "a2V5LW9mLTMyLWJ5dGVzLW9yLW1vcmUtaW4tdGVzdHM", "kid": "s"})
    keys["jwks"] = jwks
    path.write_text(json.dumps(keys))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--original", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=20_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        write_keys(path)
        os.environ["KEYTIDE_TEST_KEYS"] = str(path)
        command = [sys.executable, str(HERE / "calls.py"), str(args.seed), str(args.calls)]
        env = {**os.environ, "PYTHONPATH": args.original}
        with open(Path(folder) / "theirs", "w+") as theirs:
            subprocess.run(command, env=env, stdout=theirs, check=True)
            theirs.seek(0)
            return compare(args, theirs)


def compare(args, lines):
    sys.path.insert(0, str(HERE))
    from allowed import row_of
    from calls import Calls

    from keytide import jwt

    rows, kinds, unexplained = Counter(), Counter(), 0
    answers = Calls(jwt, args.seed).answers(args.calls)
    for number, (line, (ours, call)) in enumerate(zip(lines, answers)):
        theirs, ours = json.loads(line), json.loads(json.dumps(ours))
        kinds[theirs[1][0] if theirs[0] == "error" else "value"] += 1
        if theirs == ours:
            continue
        row = row_of(theirs, ours)
        rows[row] += 1
        if row is None:
            unexplained += 1
            if unexplained <= 10:
                held = dict(zip(call.__code__.co_freevars, (c.cell_contents for c in call.__closure__)))
                held.pop("jwt", None)
                print(f"call {number} of seed {args.seed}: {held}\n  theirs: {theirs}\n  ours:   {ours}")
    print(f"{sum(kinds.values())} calls, seed {args.seed}: {dict(kinds)}")
    print(f"differences by row: {dict(rows)}")
    return 1 if unexplained or sum(kinds.values()) != args.calls else 0


if __name__ == "__main__":
    sys.exit(main())
