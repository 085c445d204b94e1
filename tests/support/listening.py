"""Listening addresses of a process, from the kernel."""

import re
from pathlib import Path

_LISTEN = "0A"


def listens_on(pid: int) -> set[tuple[str, int]]:
    """Return address and port of every listening TCP socket of the process. Works on Linux only."""
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}
    found_on = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and fields[9] in inodes:
                address, port = fields[1].split(":")
                found_on.add((_readable(address), int(port, 16)))
    return found_on


def _readable(address: str) -> str:
    if len(address) > 8:
        return f"IPv6 {address}"
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(address)))
