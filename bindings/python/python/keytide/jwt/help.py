"""What to say in a report of a fault: ``python -m jwt.help``."""

from __future__ import annotations

import json
import platform
import sys
from typing import Dict

from . import __version__


def info() -> Dict[str, Dict[str, str]]:
    """Versions of the platform, the interpreter and the packages that matter."""
    try:
        system = {"system": platform.system(), "release": platform.release()}
    except OSError:
        system = {"system": "Unknown", "release": "Unknown"}
    name = platform.python_implementation()
    version = "Unknown"
    if name == "CPython":
        version = platform.python_version()
    elif name == "PyPy":
        pypy = sys.pypy_version_info  # type: ignore[attr-defined,unused-ignore]
        version = f"{pypy.major}.{pypy.minor}.{pypy.micro}"
        if pypy.releaselevel != "final":
            version += str(pypy.releaselevel)
    try:
        from cryptography import __version__ as cryptography_version
    except ModuleNotFoundError:
        cryptography_version = ""
    return {
        "platform": system,
        "implementation": {"name": name, "version": version},
        "cryptography": {"version": cryptography_version},
        "pyjwt": {"version": __version__},
    }


def main() -> None:
    """Prints it as JSON."""
    print(json.dumps(info(), sort_keys=True, indent=2))


if __name__ == "__main__":
    main()
