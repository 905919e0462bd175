"""An HTTP server under `keytide run`: mints with the secret that it was given, verifies with all of them.

usage: server.py PORT
GET /mint       a token, signed with JWT_SECRET
GET /verify?T   `ok`, or `refused REASON`
GET /pid        the process's number
GET /ready      200, with the header Keytide-Epochs: what is really loaded

Where JWT_SECRET_FILE is set the secrets are read from files, again at each SIGHUP; else from the environment.
"""

import http.server
import os
import signal
import socket
import sys
import threading
import time

import jwt

TTL_SECONDS = 6


def value(name):
    # A secret that comes later has no NAME_FILE in the environment; its file stands beside the others.
    first = os.environ.get("JWT_SECRET_FILE")
    if first is None:
        return os.environ.get(name)
    try:
        with open(os.path.join(os.path.dirname(first), name)) as file:
            return file.read()
    except FileNotFoundError:
        return None


class Keys:
    def load(self, *_):
        names = ["JWT_SECRET_NEXT", "JWT_SECRET_PREVIOUS", "JWT_SECRET_PREVIOUS_2", "JWT_SECRET_PREVIOUS_3"]
        self.loaded = (
            value("JWT_SECRET"),
            [secret for secret in map(value, names) if secret],
            value("KEYTIDE_EPOCHS"),
        )


keys = Keys()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        active, others, epochs = keys.loaded
        path, _, token = self.path.partition("?")
        if path == "/mint":
            now = int(time.time())
            claims = {"sub": "python", "iat": now, "exp": now + TTL_SECONDS}
            self.answer(jwt.encode(claims, active, algorithm="HS256"))
        elif path == "/verify":
            self.answer(verdict(token, [active, *others]))
        elif path == "/pid":
            self.answer(str(os.getpid()))
        else:
            self.answer("ready", epochs)

    def answer(self, text, epochs=None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        if epochs:
            self.send_header("Keytide-Epochs", epochs)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def verdict(token, secrets):
    reason = "no secret"
    for secret in secrets:
        try:
            jwt.decode(token, secret, algorithms=["HS256"])
            return "ok"
        except jwt.InvalidSignatureError as error:
            reason = str(error)
        except jwt.PyJWTError as error:
            return f"refused {error}"
    return f"refused {reason}"


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    timeout = 0
    queue_is_empty = False

    def handle_timeout(self):
        self.queue_is_empty = True

    def server_bind(self):
        # Two processes may listen at once while one takes over from the other.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()


keys.load()
signal.signal(signal.SIGHUP, keys.load)
server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(poll_interval=0.05)
# Whoever waits at the door is answered before it closes, and whoever is inside too.
while not server.queue_is_empty:
    server.handle_request()
server.server_close()
