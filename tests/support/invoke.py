"""The commands that need no server, called in this process."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.cli import geovelocity
from schemas.verdict import Verdict, parse_verdict
from tests.support.make import as_bytes, payment
from tests.support.phone import east_of_home


def run(*arguments: str) -> Result:
    """As if it had been typed."""
    return CliRunner().invoke(geovelocity, list(arguments))


def write(path: Path, *records: dict[str, Any] | bytes) -> str:
    """Records, one a line; returns the file's name."""
    path.write_bytes(b"\n".join(one if isinstance(one, bytes) else as_bytes(one) for one in records) + b"\n")
    return str(path)


def judge(files: Path, pushes: list[Any], payments: list[Any], *options: str) -> tuple[Result, list[Verdict]]:
    """Has files of these judged; returns what was said and the verdicts."""
    out = files / "v.jsonl"
    result = run(
        "judge",
        *("--locations", write(files / "l.jsonl", *pushes)),
        *("--transactions", write(files / "t.jsonl", *payments)),
        *("--out", str(out)),
        *options,
    )
    lines = out.read_bytes().splitlines() if out.exists() else []
    verdicts = [parse_verdict(line) for line in lines]
    return result, [verdict for verdict in verdicts if isinstance(verdict, Verdict)]


def far(number: int, metres: float = 5_000) -> dict[str, Any]:
    """A payment so far from home."""
    latitude, longitude = east_of_home(metres)
    return payment(number, latitude=latitude, longitude=longitude)
