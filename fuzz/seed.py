"""Writes the corpora of the fuzz targets from ../vectors, one file a case.

    python3 fuzz/seed.py
"""

import base64
import hashlib
import json
import pathlib

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "vectors"


def put(target: str, data: bytes) -> None:
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def payload(token: str) -> bytes:
    try:
        part = token.split(".")[1]
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (IndexError, ValueError):
        return b"{}"


for line in (VECTORS / "attacks.jsonl").read_text().splitlines():
    case = json.loads(line)
    token, key = case.get("token"), case["key"]
    text = token if isinstance(token, str) else json.dumps(token)
    if len(text) < 100_000:
        raw = text.encode()
        target = {"jwt_verify": "token", "jws_json_verify": "content", "jwe_decrypt": "jwe"}
        if case["op"] in target:
            put(target[case["op"]], raw)
        if case["op"] == "jwt_verify":
            put("content", raw)
            put("claims", payload(text))
            put("json", payload(text))
    if key["fmt"] in ("jwk", "jwks"):
        put("jwk", json.dumps(key["value"]).encode())
        put("key_file", json.dumps(key["value"]).encode())
    elif key["fmt"] == "text":
        put("key_file", key["value"].encode())
    elif key["fmt"] == "der_b64u":
        put("key_file", base64.urlsafe_b64decode(key["value"] + "=" * (-len(key["value"]) % 4)))

for path in (VECTORS / "keys").glob("*.pem"):
    put("key_file", path.read_bytes())
for example in json.loads((VECTORS / "rfc" / "jws.json").read_text())["examples"]:
    put("token", example["token"].encode())
    put("jwk", json.dumps(example["key"]).encode())
