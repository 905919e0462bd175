"""Verifies a stream of tokens with HAProxy's jwt_verify, its keys reloaded from the key set.

usage: haproxy_consumer.py JWKS_URL CACHE_SECONDS ALGORITHM
stdin: one token a line; stdout: `ok KID` or `refused REASON` for each.

HAProxy reads its keys from PEM files when it starts. So a thread fetches the set every
CACHE_SECONDS and, when the set changed, writes one PEM and one rule a key and reloads HAProxy
without closing its socket: what an operator does with a timer unit. What HAProxy holds is therefore
as old as the period plus one reload. KEYTIDE_TEST_HAPROXY names the program.
"""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request

import jwt
from cryptography.hazmat.primitives import serialization

PROGRAM = os.environ["KEYTIDE_TEST_HAPROXY"]

HEAD = """\
global
    stats socket {folder}/stats.sock mode 600 level admin expose-fd listeners
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 1ms
frontend tokens
    bind unix@{folder}/tokens.sock
    http-request set-var(txn.kid) http_auth_bearer,jwt_header_query('$.kid')
    http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
    http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
    http-request set-var(txn.now) date()
    http-request set-var(txn.valid) int(9)
"""
RULE = """\
    http-request set-var(txn.valid) \
http_auth_bearer,jwt_verify({algorithm},"{pem}") if {{ var(txn.kid) -m str -- {kid} }}
"""
TAIL = """\
    http-request return status 401 content-type text/plain string "algorithm" \
unless {{ var(txn.alg) -m str {algorithm} }}
    http-request return status 401 content-type text/plain string "unknown kid" \
if {{ var(txn.valid) -m int 9 }}
    http-request return status 401 content-type text/plain string "signature" \
unless {{ var(txn.valid) -m int 1 }}
    http-request return status 401 content-type text/plain string "no exp" \
unless {{ var(txn.exp) -m found }}
    http-request return status 401 content-type text/plain string "expired" \
if {{ var(txn.now),sub(txn.exp) -m int ge 0 }}
    http-request return status 200 content-type text/plain lf-string "%[var(txn.kid)]"
"""


class HaProxy:
    """One HAProxy on a socket in its own folder, with the key set it was last given."""

    def __init__(self, folder, url, algorithm):
        self.folder, self.url, self.algorithm = pathlib.Path(folder), url, algorithm
        self.socket = self.folder / "tokens.sock"
        self.body = None
        self.process = None
        self.refresh()

    def refresh(self):
        with urllib.request.urlopen(self.url, timeout=10) as response:
            body = response.read()
        if body == self.body:
            return
        self.write_config(json.loads(body)["keys"])
        self.check_config()
        if self.process is None:
            self.start()
        else:
            self.process.send_signal(signal.SIGUSR2)
        self.body = body

    def write_config(self, keys):
        rules = ""
        for jwk in keys:
            kid = jwk["kid"]
            pem = self.folder / f"{kid}.pem"
            pem.write_bytes(
                jwt.PyJWK(jwk).key.public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                )
            )
            rules += RULE.format(algorithm=self.algorithm, pem=pem, kid=kid)
        head = HEAD.format(folder=self.folder)
        text = head + rules + TAIL.format(algorithm=self.algorithm)
        (self.folder / "haproxy.cfg").write_text(text)

    def check_config(self):
        """Ends everything where HAProxy would refuse the rules and go on with the old ones."""
        command = [PROGRAM, "-c", "-f", str(self.folder / "haproxy.cfg")]
        check = subprocess.run(command, capture_output=True, text=True, check=False)
        if check.returncode != 0:
            print(check.stderr, file=sys.stderr, flush=True)
            if self.process is not None:
                self.process.terminate()
            os._exit(1)

    def start(self):
        # Its talk goes to a file: stdout carries the answers and nothing else.
        log = (self.folder / "haproxy.log").open("wb")
        config = str(self.folder / "haproxy.cfg")
        self.process = subprocess.Popen([PROGRAM, "-W", "-f", config], stdout=log, stderr=log)
        while not listening(self.socket):
            if self.process.poll() is not None:
                sys.exit((self.folder / "haproxy.log").read_text())

    def answer(self, token):
        connection = UnixConnection(self.socket)
        try:
            connection.request("GET", "/", headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            said = response.read().decode()
            return f"ok {said}" if response.status == 200 else f"refused {response.status} {said}"
        except (OSError, http.client.HTTPException) as error:
            return f"refused {type(error).__name__}: {error}"
        finally:
            connection.close()


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path):
        super().__init__("tokens.test", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def main():
    url, cache_seconds, algorithm = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="keytide-haproxy-") as folder:
        proxy = HaProxy(folder, url, algorithm)
        stopping = threading.Event()

        def poll():
            while not stopping.wait(cache_seconds):
                try:
                    proxy.refresh()
                except OSError as error:
                    print(f"the set could not be fetched: {error}", file=sys.stderr)

        thread = threading.Thread(target=poll)
        thread.start()
        for line in sys.stdin:
            print(proxy.answer(line.strip()), flush=True)
        stopping.set()
        thread.join()
        proxy.process.terminate()
        proxy.process.wait()


def listening(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


if __name__ == "__main__":
    main()
