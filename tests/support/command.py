"""Commands as a person types them, each in a process of its own."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

GEOVELOCITY: Final = (sys.executable, "-m", "app.cli")


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of this process with these variables and without its own settings of the service."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GEOVELOCITY_")}
    return inherited | variables


async def run(*arguments: str, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run a command and return its exit code and its output."""
    process = await asyncio.create_subprocess_exec(
        *GEOVELOCITY,
        *arguments,
        cwd=cwd,
        env=environment(**variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()
