"""Environments with the apps' requirements, one for each documented way to have our `jwt` in them.

Nothing in packaging says "this distribution stands in for that one", so each way has to keep PyJWT out,
take it out, or pass it by.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
UV = "uv==0.13.9"
OURS = ("keytide", "keytide-pyjwt")
# What the apps ask for themselves; with these, pip and uv would bring PyJWT.
ASK_FOR_PYJWT = ("djangorestframework-simplejwt", "flask-jwt-extended")


def pinned():
    lines = REQUIREMENTS.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pinned_as(name):
    return next(line for line in pinned() if line.startswith(f"{name}=="))


class Environments:
    """Builds each environment once for what is in it; the same again is taken as it is."""

    def __init__(self, cache, wheels):
        self.cache = Path(cache).resolve()
        self.wheels = Path(wheels).resolve()

    def python(self, way):
        """The interpreter of an environment that is ready."""
        folder = self.cache / way
        stamp, digest = folder / "made-of", self._digest(way)
        if not (stamp.is_file() and stamp.read_text() == digest):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            WAYS[way](self, folder)
            stamp.write_text(digest)
        return program(folder / ".venv", "python")

    def _digest(self, way):
        made_of = hashlib.sha256(f"{way} {sys.version}".encode())
        for file in (REQUIREMENTS, Path(__file__), *sorted(self.wheels.glob("keytide*.whl"))):
            made_of.update(file.read_bytes())
        return made_of.hexdigest()

    def uv(self):
        folder = self.cache / UV.replace("==", "-")
        if not program(folder, "uv").is_file():
            empty(folder)
            pip(folder, "install", UV)
        return program(folder, "uv")

    def ours(self, *names):
        """Arguments that install our wheels and nothing of the same name from elsewhere."""
        return ("--no-index", "--find-links", str(self.wheels), *names)


def program(environment, name):
    return environment / ("Scripts" if os.name == "nt" else "bin") / name


def empty(environment):
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")


def pip(environment, *arguments):
    return ran(program(environment, "python"), "-m", "pip", *arguments)


def ran(*command, cwd=None):
    # The surrounding environment is nobody's project here.
    names = ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT")
    env = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pip_lock(environments, folder):
    """A complete list without PyJWT, and pip told not to look for what the list leaves out."""
    inside = folder / ".venv"
    empty(inside)
    pip(inside, "install", "--no-deps", "-r", REQUIREMENTS)
    pip(inside, "install", "--no-deps", *environments.ours(*OURS))


def pip_uninstall(environments, folder):
    """PyJWT comes, goes, and only then ours comes: the other way round its files would go with it."""
    inside = folder / ".venv"
    empty(inside)
    pip(inside, "install", "-r", REQUIREMENTS)
    pip(inside, "uninstall", "--yes", "PyJWT")
    pip(inside, "install", *environments.ours(*OURS))
    # What pip would do next, asked now so that the tests themselves need no network.
    report = folder / "later.json"
    pip(inside, "install", "--dry-run", "--report", report, pinned_as("flask-jwt-extended"))
    constraints = folder / "constraints.txt"
    constraints.write_text("PyJWT ; sys_platform == 'never'\n")
    report = folder / "constrained.json"
    pip(inside, "install", "--dry-run", "--report", report, "-c", constraints, pinned_as("flask-jwt-extended"))


def kept(environments, folder):
    """PyJWT stays where it is; `keytide.install()` has `jwt` be ours from then on."""
    inside = folder / ".venv"
    empty(inside)
    pip(inside, "install", "-r", REQUIREMENTS)
    pip(inside, "install", *environments.ours("keytide"))


def uv_override(environments, folder):
    uv_project(environments, folder, "override-dependencies = [\"PyJWT ; sys_platform == 'never'\"]")


def uv_exclude(environments, folder):
    uv_project(environments, folder, 'exclude-dependencies = ["PyJWT"]')


def uv_project(environments, folder, setting):
    """A project whose settings say that nothing needs PyJWT."""
    (folder / "pyproject.toml").write_text(
        f"""[project]
name = "app"
version = "0"
requires-python = ">={sys.version_info[0]}.{sys.version_info[1]}"
dependencies = {json.dumps([*pinned(), *OURS])}

[tool.uv]
{setting}

[tool.uv.sources]
keytide = {{ index = "ours" }}
keytide-pyjwt = {{ index = "ours" }}

[[tool.uv.index]]
name = "ours"
url = {json.dumps(environments.wheels.as_uri())}
format = "flat"
explicit = true
"""
    )
    ran(environments.uv(), "sync", "--python", sys.executable, cwd=folder)


WAYS = {
    "pip-lock": pip_lock,
    "pip-uninstall": pip_uninstall,
    "uv-override": uv_override,
    "uv-exclude": uv_exclude,
    "kept": kept,
}
