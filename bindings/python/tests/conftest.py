"""The tests' interpreter and its peer: ours here, PyJWT in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Where PyJWT 2.15.1 is, installed with `pip install --target`.
ORIGINAL = os.environ.get("KEYTIDE_TEST_PYJWT")


class Original:
    """Runs statements in a process that has PyJWT as `jwt`."""

    def __init__(self, folder):
        code = (
            "import sys, json\n"
            "import warnings; warnings.simplefilter('ignore')\n"
            "import jwt\n"
            "assert jwt.__version__ == '2.15.1', jwt.__file__\n"
            "for line in sys.stdin:\n"
            "    names = {'jwt': jwt}\n"
            "    try:\n"
            "        exec(json.loads(line), names); out = ['value', repr(names.get('result'))]\n"
            "    except Exception as error:\n"
            "        out = ['error', type(error).__name__, str(error)]\n"
            "    print(json.dumps(out), flush=True)\n"
        )
        env = {**os.environ, "PYTHONPATH": folder}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
        )

    def run(self, statements):
        self.process.stdin.write(json.dumps(statements) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="session")
def original():
    if ORIGINAL is None:
        pytest.skip("KEYTIDE_TEST_PYJWT names no folder with PyJWT 2.15.1")
    peer = Original(ORIGINAL)
    yield peer
    peer.process.stdin.close()
    peer.process.wait(timeout=10)
