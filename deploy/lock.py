"""Generation of requirements/*.txt: pinned dependencies with hashes, and without the address of a registry."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
EXTRAS = {"runtime": (), "local": ("local",), "dev": ("local", "dev")}
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--build-deps-for=editable",
)


def main() -> None:
    """Write each file, constrained by the files before it, so that all agree."""
    before: list[str] = []
    for name, extras in EXTRAS.items():
        target = FOLDER / f"{name}.txt"
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *sys.argv[1:]]
        command += [f"--extra={extra}" for extra in extras] + [f"--constraint={path}" for path in before]
        subprocess.run([*command, f"--output-file={target}", "pyproject.toml"], cwd=ROOT, check=True)
        before.append(str(target.relative_to(ROOT)))
        print(target.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main()
