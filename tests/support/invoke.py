"""Commands that need no server, called in the process of the test."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.cli import geovelocity
from schemas.verdict import Verdict, parse_verdict
from tests.support.make import as_bytes, payment
from tests.support.phone import east_of_home


def run(*arguments: str) -> Result:
    """Run a command line of `geovelocity`, without the program's name."""
    return CliRunner().invoke(geovelocity, list(arguments))


def write(path: Path, *records: dict[str, Any] | bytes) -> str:
    """Write records, one per line, and return the file's name."""
    path.write_bytes(b"\n".join(one if isinstance(one, bytes) else as_bytes(one) for one in records) + b"\n")
    return str(path)


def judge(files: Path, pushes: list[Any], payments: list[Any], *options: str) -> tuple[Result, list[Verdict]]:
    """Run `judge` on files of these records. Return the command's result and the verdicts."""
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
    """Return a payment `metres` east of home."""
    latitude, longitude = east_of_home(metres)
    return payment(number, latitude=latitude, longitude=longitude)
