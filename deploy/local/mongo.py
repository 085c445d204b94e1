"""A MongoDB-compatible server as a local process: mongo-java-server over an H2 file.

It accepts 2dsphere and TTL indexes but ignores them. Production uses a real MongoDB.
"""

import sys
from pathlib import Path

from deploy.local.ports import HOST, ServerPorts
from deploy.local.process import Command, port_answers


async def command(run_dir: Path, ports: ServerPorts) -> Command:
    """Return the command that starts the server."""
    home = run_dir / "mongo"
    home.mkdir(exist_ok=True)
    return Command(
        "mongo",
        [sys.executable, "-m", "deploy.local.mongo_server", str(home / "data.h2"), str(ports.mongo)],
        ready=lambda: port_answers(HOST, ports.mongo),
        ports=(ports.mongo,),
    )
