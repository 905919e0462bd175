"""AWS on loopback: moto with faults on demand (`aws.py moto`), or ministack (`aws.py ministack`).

Prints its address once it listens, and stops when its stdin ends. Faults of moto are set with
POST /_faults and a JSON list, each of
{"action": "PutSecretValue" or "*", "times": 1, "after": false, "status": 400, "headers": {}, "body": {}}
: that many calls of the action are answered so instead, or, with "after", once they were carried out.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request

FAULTS = []
LOCK = threading.Lock()


def moto():
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *args):
            pass

    app = with_faults(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


def with_faults(app):
    def handle(environ, start_response):
        if environ["PATH_INFO"] == "/_faults":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            with LOCK:
                FAULTS[:] = json.loads(environ["wsgi.input"].read(length))
            start_response("204 No Content", [])
            return [b""]
        fault = take(environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2])
        if fault is None:
            return app(environ, start_response)
        if fault.get("after"):
            b"".join(app(environ, lambda *_: None))
        body = json.dumps(fault.get("body", {})).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", **fault.get("headers", {})}
        start_response(f"{fault['status']} Fault", list(headers.items()))
        return [body]

    return handle


def take(action):
    with LOCK:
        for fault in FAULTS:
            if fault["action"] in (action, "*") and fault["times"] > 0:
                fault["times"] -= 1
                return fault
    return None


def ministack():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    environment["SERVICES"] = "secretsmanager,kms"
    command = [sys.executable, "-m", "ministack"]
    quiet = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.DEVNULL)
    server = subprocess.Popen(command, env=environment, **quiet)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server)
        print(address, flush=True)
        sys.stdin.read()
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_for(address, server):
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/_ministack/health", timeout=1).read()
            return
        except OSError:
            if server.poll() is not None:
                sys.exit(f"ministack ended with {server.returncode}")
            time.sleep(0.1)
    sys.exit("ministack does not answer")


if __name__ == "__main__":
    {"moto": moto, "ministack": ministack}[sys.argv[1]]()
