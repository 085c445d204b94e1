"""Report of the benchmarks, docs/development/reports/bench.md: one section each. A bench replaces only its own."""

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from rich.table import Table

REPORT: Final = Path(__file__).parents[3] / "docs" / "development" / "reports" / "bench.md"
_HEADING: Final = "## "


def write_section(title: str, parts: Sequence[str | Table]) -> None:
    """Replace the section with this title, or add it at the end."""
    body = "\n\n".join([part if isinstance(part, str) else _markdown(part) for part in parts])
    written = f"{_HEADING}{title}\n\n{body}\n"
    sections = re.split(rf"^(?={_HEADING})", REPORT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for place, section in enumerate(sections):
        if section.startswith(f"{_HEADING}{title}\n"):
            sections[place] = written
            break
    else:
        sections.append(written)
    REPORT.write_text("\n".join(section.rstrip("\n") + "\n" for section in sections), encoding="utf-8")


def machine() -> str:
    """Return one sentence about the machine."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("faust-streaming", "aiokafka", "msgspec"))
    return (
        f"{os.cpu_count()} processors ({cpu.group(1).strip() if cpu else platform.machine()}), {memory:.0f} GiB, "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, {packages}."
    )


def _markdown(table: Table) -> str:
    columns = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    head, *rows = zip(*columns, strict=True)
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{table.title}:\n\n{text}" if table.title else text
