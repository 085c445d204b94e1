"""Installation of `.venv` and the console's libraries from the lock files: `bootstrap.py local|dev`.

It uses the standard library only, because it runs before anything is installed. Two runs may start at once.
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
COVERS = {"local": ("local", "dev"), "dev": ("dev",)}  # an installed kind that includes the wanted one
NPM_QUIETLY = ("ci", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts")


def wanted(kind: str) -> str:
    """Return the content of the stamp when `.venv` has exactly this kind of requirements."""
    inputs = (ROOT / "requirements" / f"{kind}.txt", ROOT / "pyproject.toml")
    return f"{kind} {sys.version_info.major}.{sys.version_info.minor} {_digest(*inputs)}"


def wanted_libraries(kind: str) -> str:
    """Return the content of the stamp when the console's libraries are exactly those of this kind."""
    return f"{kind} {_digest(WEB / 'package-lock.json', WEB / 'package.json')}"


def is_installed(kind: str) -> bool:
    """Return whether `.venv` has all requirements of this kind."""
    return STAMP.exists() and STAMP.read_text(encoding="ascii") in [wanted(covering) for covering in COVERS[kind]]


def has_libraries(kind: str) -> bool:
    """Return whether the console has all libraries of this kind."""
    accepted = [wanted_libraries(covering) for covering in COVERS[kind]]
    return LIBRARIES_STAMP.exists() and LIBRARIES_STAMP.read_text(encoding="ascii") in accepted


def install(kind: str) -> None:
    """Install pinned, hash-checked requirements and the project itself. Create the environment if it is missing."""
    print(f"installing requirements/{kind}.txt into .venv (about a minute, once)", flush=True)
    if not (VENV / "bin" / "pip").exists():  # venv creates it last, so an interrupted environment is created again
        venv.create(VENV, with_pip=True, clear=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / f"{kind}.txt")], check=True)
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}  # setuptools warns about every editable install
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True, env=quiet)
    STAMP.write_text(wanted(kind), encoding="ascii")


def install_libraries(kind: str) -> None:
    """Install the console's libraries with the npm of `.venv`. For `dev`, include its development tools."""
    print("installing the console's libraries into app/api/web/node_modules (seconds, once)", flush=True)
    command = [str(VENV / "bin" / "npm"), *NPM_QUIETLY, *(["--omit=dev"] if kind == "local" else [])]
    trusting = {
        **os.environ,
        "NODE_USE_SYSTEM_CA": "1",
    }  # a proxy may have its own certificate
    subprocess.run(command, cwd=WEB, check=True, env=trusting, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    LIBRARIES_STAMP.write_text(wanted_libraries(kind), encoding="ascii")


def wait_for(lock: TextIO) -> None:
    """Take the lock. Print a line when another `make` holds it, because an installation takes a minute."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another make to install .venv", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> int:
    """Install what is missing and return the exit code."""
    kind = sys.argv[1]
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        return _fail(f"this is Python {sys.version.split()[0]}, not 3.11 to 3.13: set PYTHON=…")
    steps = (("pip", is_installed, install), ("npm", has_libraries, install_libraries))
    with (ROOT / ".venv.lock").open("w") as lock:
        wait_for(lock)
        for program, is_done, do in steps:
            try:
                if not is_done(kind):
                    do(kind)
            except (OSError, subprocess.CalledProcessError):
                return _fail(f"{program} failed, its output is above: check the connection and run the command again")
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
