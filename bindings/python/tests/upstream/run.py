"""PyJWT's own tests, from its source distribution, against the `jwt` of this environment.

`run.py CACHE`: fetches the distribution into the folder CACHE unless it is there. What may fail is in
`allowed.json`, with the reason; a row that passes is an error too.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

VERSION = "2.15.1"
ALLOWED = json.loads((Path(__file__).parent / "allowed.json").read_text())


def fetched(cache):
    archive = cache / f"pyjwt-{VERSION}.tar.gz"
    if not archive.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps", "--dest", str(cache), f"PyJWT=={VERSION}"],
            check=True,
        )
    return archive


def main():
    assert len(ALLOWED) <= 3, "more exceptions than were promised"
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fetched(Path(sys.argv[1]))) as archive:
            prefix = f"pyjwt-{VERSION}/tests/"
            archive.extractall(folder, [m for m in archive.getmembers() if m.name.startswith(prefix)])
        there = Path(folder) / f"pyjwt-{VERSION}"
        check = "import jwt; assert jwt.__name__ == 'keytide.jwt', jwt.__file__"
        subprocess.run([sys.executable, "-c", check], cwd=there, check=True)
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-W", "ignore", "--junitxml=results.xml", "tests"]
        subprocess.run(command, cwd=there, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        cases = list(xml.parse(there / "results.xml").iter("testcase"))
    failed = {f"{case.get('classname')}::{case.get('name')}" for case in cases if case.find("failure") is not None or case.find("error") is not None}
    skipped = sum(case.find("skipped") is not None for case in cases)
    print(f"PyJWT {VERSION}'s own tests: {len(cases) - len(failed) - skipped} passed, {len(failed)} failed, {skipped} skipped, {len(ALLOWED)} allowed to fail")
    wrong = failed ^ set(ALLOWED)
    for name in sorted(wrong):
        print(("fails: " if name in failed else "passes, but is allowed to fail: ") + name)
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
