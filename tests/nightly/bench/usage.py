"""CPU time and memory of a process and its children, from proc(5)."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_SESSION, _USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM, _PAGES = 3, 11, 12, 13, 14, 21
"""Indexes of the fields of `stat`, counted from the field after the command's name."""


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of all running and ended processes in the session that this process leads."""
    ticks = sum(
        sum(fields[place] for place in (_USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM)) for fields in _session(pid)
    )
    return ticks / _TICKS_PER_S


def memory_mb(pid: int) -> float:
    """Return the memory of the session; pages shared by two of its processes count twice."""
    return sum(fields[_PAGES] for fields in _session(pid)) * resource.getpagesize() / 1e6


def _session(leader: int) -> Iterator[list[int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        numbers = [0, *map(int, fields[1:])]
        if numbers[_SESSION] == leader:
            yield numbers
