"""Each row of the table of quirks: what PyJWT does, what ours does, on the same statements."""

import json
import warnings
from pathlib import Path

import pytest

ROWS = json.loads((Path(__file__).parent.parent / "quirks.json").read_text())
PAGE = Path(__file__).parents[3] / "docs/python.md"
FORGE = """
import base64, hmac, json
def b(data): return base64.urlsafe_b64encode(data).rstrip(b'=').decode()
SECRET = 'k' * 32
def forge(header, payload):
    signed = b(header) + '.' + b(payload)
    return signed + '.' + b(hmac.new(SECRET.encode(), signed.encode(), 'sha256').digest())
H = b'{"alg":"HS256"}'
def take(token, algorithms=['HS256']): return jwt.decode(token, SECRET, algorithms=algorithms)
"""

# What is done, and how either answers: the start of the result or the error's class.
DONE = {
    "duplicate-names": ("result = take(forge(H, b'{\"sub\":\"a\",\"sub\":\"b\"}'))", "{'sub': 'b'}", "DecodeError"),
    "not-a-number": ("result = take(forge(H, b'{\"x\":NaN}'))", "{'x': nan}", "DecodeError"),
    "algorithms-text": ("result = take(forge(H, b'{}'), 'HS256,ES256')", "{}", "InvalidAlgorithmError"),
    "alg-not-text": ("result = take(forge(b'{\"alg\":[]}', b'{}') and forge(b'{\"alg\":{\"a\":1}}', b'{}'), {'HS256'})", "TypeError", "InvalidAlgorithmError"),
    "surrogate-token": ("result = take('\\ud800.a.b')", "UnicodeEncodeError", "DecodeError"),
    "jwk-in-errors": ("jwt.PyJWK({'d': 'PRIVATE'})", "InvalidKeyError", "InvalidKeyError"),
    "jwk-not-object": ("jwt.algorithms.HMACAlgorithm.from_jwk('[]')", "AttributeError", "InvalidKeyError"),
    "oct-without-k": ("jwt.PyJWK({'kty': 'oct'})", "KeyError", "InvalidKeyError"),
    "key-classes-in-errors": ("from cryptography.hazmat.primitives.asymmetric import ec\njwt.algorithms.OKPAlgorithm().prepare_key(ec.generate_private_key(ec.SECP256R1()))", "InvalidKeyError", "InvalidKeyError"),
    "jwks-size": ("""
import http.server, threading
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(b'{"keys":[{"kty":"oct","k":"a2V5","kid":"a"}],"x":"' + b'x' * (1 << 20) + b'"}')
    def log_message(self, *args): pass
server = http.server.HTTPServer(('127.0.0.1', 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    result = len(jwt.PyJWKClient('http://127.0.0.1:%d/' % server.server_port).get_signing_keys())
finally:
    server.shutdown(); server.server_close()
""", "1", "PyJWKClientError"),
    "not-utf8": ("result = take(forge(H, '{}'.encode('utf-16-le')))", "{}", "DecodeError"),
    "b64-not-boolean": ("result = take(forge(b'{\"alg\":\"HS256\",\"b64\":null}', b'{}'))", "{}", "InvalidTokenError"),
    "long-kid": ("result = take(forge(b'{\"alg\":\"HS256\",\"kid\":\"' + b'k' * 1025 + b'\"}', b'{}'))", "{}", "InvalidTokenError"),
    "long-token": ("result = len(take(forge(H, b'{\"x\":\"' + b'x' * 262144 + b'\"}')))", "1", "DecodeError"),
    "many-members": ("result = len(take(forge(H, json.dumps({str(n): 0 for n in range(10001)}).encode())))", "10001", "DecodeError"),
    "key-as-secret": ("""
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
public = ed25519.Ed25519PrivateKey.generate().public_key()
text = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
result = type(jwt.encode({}, text)).__name__
""", "'str'", "InvalidKeyError"),
    "ed25519-name": ("""
from cryptography.hazmat.primitives.asymmetric import ed25519
key = ed25519.Ed25519PrivateKey.generate()
result = jwt.decode(jwt.encode({}, key, 'Ed25519'), key, ['Ed25519'])
""", "NotImplementedError", "{}"),
}


def ours(statements):
    from keytide import jwt

    names = {"jwt": jwt}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(statements, names)
        return ["value", repr(names.get("result"))]
    except Exception as error:
        return ["error", type(error).__name__, str(error)]


def test_every_row_is_done_and_every_deed_has_a_row():
    assert [row["id"] for row in ROWS] == list(DONE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_original_has_the_quirk_and_ours_has_not(row, original):
    statements, theirs, our_class = DONE[row["id"]]
    assert original.run(FORGE + statements)[1] == theirs
    answer = ours(FORGE + statements)
    assert answer[1] == our_class
    assert not any(word in answer[-1] for word in ("PRIVATE", "generator"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_page_has_the_row(row):
    opt_out = f"; {row['opt_out']} turns it off" if "opt_out" in row else ""
    line = f"| {row['quirk']} | {row['original']} | {row['ours']} | {row['why']}{opt_out} |"
    assert line in PAGE.read_text().splitlines()
