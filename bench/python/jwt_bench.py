"""P6: `keytide.jwt` beside PyJWT, in turns: `jwt_bench.py --original FOLDER [--rounds N]`, a Markdown table.

PyJWT runs in a process of its own, since both want the name `jwt`; each round measures one and then the
other, so that both see the same machine. The workload is the "T" of bench/README.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import warnings

CLAIMS = {
    "iss": "https://id.example/realms/main",
    "sub": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "aud": "https://api.example",
    "jti": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "scope": "openid profile email",
    "admin": False,
}
KID = {"kid": "2026-11-key-1"}
SECRET = "an-hmac-secret-of-fifty-bytes-for-measuring-speed."
SECONDS = 0.02


def cases(jwt, keys, own):
    """Name to call; `own` is the package keytide, where it is there."""
    now = int(time.time())
    claims = {**CLAIMS, "exp": now + 3600, "nbf": now - 10, "iat": now - 10}
    found = {}
    for alg, (private, public) in keys.items():
        forms = {"text": (private, public)}
        if alg != "HS256":
            algorithm = jwt.algorithms.get_default_algorithms()[alg]
            forms["prepared key"] = (algorithm.prepare_key(private), algorithm.prepare_key(public))
        elif own:
            forms["prepared key"] = (own.SigningKey.from_secret(alg, private), own.VerifyingKey.from_secret(alg, public))
        else:
            forms["prepared key"] = forms["text"]
        token = jwt.encode(claims, private, alg, KID)
        expected = {"algorithms": [alg], "audience": CLAIMS["aud"], "issuer": CLAIMS["iss"]}
        for form, (signs, verifies) in forms.items():
            found[f"{alg} encode, {form}"] = lambda signs=signs, alg=alg: jwt.encode(claims, signs, alg, KID)
            found[f"{alg} decode, {form}"] = lambda token=token, verifies=verifies, expected=expected: jwt.decode(token, verifies, **expected)
        if own:
            make = own.VerifyingKey.from_secret if alg == "HS256" else own.VerifyingKey.from_pem
            key = make(alg, public, remember=1000)
        else:
            key = forms["prepared key"][1]
        found[f"{alg} decode, seen before"] = lambda token=token, key=key, expected=expected: jwt.decode(token, key, **expected)
    return found


def measured(call):
    """Microseconds for one call, over a short while."""
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        call()
        count += 1
    return (time.perf_counter() - start) / count * 1e6


def serve():
    """PyJWT's side: a row's name comes in, a time goes out."""
    import jwt

    warnings.simplefilter("ignore")
    found = cases(jwt, json.loads(sys.stdin.readline()), None)
    for line in sys.stdin:
        print(measured(found[line.strip()]), flush=True)


def keys():
    import keytide

    pairs = {"HS256": (SECRET, SECRET)}
    for alg in ("RS256", "ES256"):
        key = keytide.SigningKey.generate(alg)
        pairs[alg] = (key.expose_private_pem(), key.verifying_key().public_pem())
    return pairs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--original", required=True)
    parser.add_argument("--rounds", type=int, default=30)
    args = parser.parse_args()
    import keytide
    from keytide import jwt

    pairs = keys()
    env = {**os.environ, "PYTHONPATH": args.original}
    peer = subprocess.Popen([sys.executable, __file__, "--serve"], env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    peer.stdin.write(json.dumps(pairs) + "\n")
    print("| row | ours, min µs | ours, median | PyJWT, min µs | PyJWT, median | ratio, min | ratio, median |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, call in cases(jwt, pairs, keytide).items():
        ours, theirs = [], []
        for number in range(args.rounds + 20):
            own = measured(call)
            peer.stdin.write(name + "\n")
            peer.stdin.flush()
            other = float(peer.stdout.readline())
            # The first rounds make the keys known and their tables.
            if number >= 20:
                ours.append(own)
                theirs.append(other)
        low, middle = (min(ours), min(theirs)), (statistics.median(ours), statistics.median(theirs))
        print(f"| {name} | {low[0]:.2f} | {middle[0]:.2f} | {low[1]:.2f} | {middle[1]:.2f} | {low[1] / low[0]:.1f} | {middle[1] / middle[0]:.1f} |")
    peer.stdin.close()
    peer.wait()


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main()
