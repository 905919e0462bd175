"""How the servers of this folder listen on loopback, and hear what the tests say to them."""

import json
import ssl
import sys
import threading
from http.server import ThreadingHTTPServer


def listen(handler, certificate=None, key=None):
    """Serves on a free port, over TLS where a certificate is given, and returns the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def hear(control, lock):
    """Gives `control` each line of stdin, a JSON object, and answers with what it returns, until stdin ends."""
    for line in sys.stdin:
        with lock:
            answer = control(json.loads(line))
        print(json.dumps(answer), flush=True)
