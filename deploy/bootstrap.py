"""Makes `.venv` and the page's libraries as the lock files say, when they are not so already: `… local|dev`.

Standard library only: it runs before anything is installed. Safe when two start at once.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
WEB = ROOT / "app" / "api" / "web"
LIBRARIES_STAMP = WEB / "node_modules" / "installed"
COVERS = {"local": ("local", "dev"), "dev": ("dev",)}  # what else holds all that is wanted
NPM_QUIETLY = ("ci", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts")


def wanted(kind: str) -> str:
    """What the stamp says when `.venv` has exactly this kind of requirements."""
    inputs = (ROOT / "requirements" / f"{kind}.txt", ROOT / "pyproject.toml")
    return f"{kind} {sys.version_info.major}.{sys.version_info.minor} {_digest(*inputs)}"


def wanted_libraries(kind: str) -> str:
    """What their stamp says when the page's libraries are exactly those of this kind."""
    return f"{kind} {_digest(WEB / 'package-lock.json', WEB / 'package.json')}"


def is_there(kind: str) -> bool:
    return STAMP.exists() and STAMP.read_text(encoding="ascii") in [wanted(covering) for covering in COVERS[kind]]


def has_libraries(kind: str) -> bool:
    fitting = [wanted_libraries(covering) for covering in COVERS[kind]]
    return LIBRARIES_STAMP.exists() and LIBRARIES_STAMP.read_text(encoding="ascii") in fitting


def install(kind: str) -> None:
    """Creates the environment when needed and installs pinned, hash-checked requirements and the project itself."""
    print(f"installing requirements/{kind}.txt into .venv (about a minute, once)", flush=True)
    if not (VENV / "bin" / "pip").exists():  # the last that is made: an interrupted one is made anew
        venv.create(VENV, with_pip=True, clear=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / f"{kind}.txt")], check=True)
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}  # setuptools warns of every editable install
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True, env=quiet)
    STAMP.write_text(wanted(kind), encoding="ascii")


def install_libraries(kind: str) -> None:
    """Installs what the page is drawn with, by the npm of `.venv`; for `dev` what it is checked with, too."""
    print("installing the page's libraries into app/api/web/node_modules (seconds, once)", flush=True)
    command = [str(VENV / "bin" / "npm"), *NPM_QUIETLY, *(["--omit=dev"] if kind == "local" else [])]
    trusting = {
        **os.environ,
        "NODE_USE_SYSTEM_CA": "1",
    }  # a proxy may have its own certificate
    subprocess.run(command, cwd=WEB, check=True, env=trusting, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    LIBRARIES_STAMP.write_text(wanted_libraries(kind), encoding="ascii")


def wait_for(lock: TextIO) -> None:
    """Takes the lock, and says so when another `make` holds it: an install takes a minute."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another make to install .venv", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> int:
    kind = sys.argv[1]
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        return _fail(f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: set PYTHON=…")
    steps = (("pip", is_there, install), ("npm", has_libraries, install_libraries))
    with (ROOT / ".venv.lock").open("w") as lock:
        wait_for(lock)
        for program, is_done, do in steps:
            try:
                if not is_done(kind):
                    do(kind)
            except (OSError, subprocess.CalledProcessError):
                return _fail(f"{program} failed: check the connection and try again; what it said stands above")
    return 0


def _digest(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fail(sentence: str) -> int:
    print(f"geovelocity: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
