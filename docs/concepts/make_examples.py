"""Write the verdict of docs/concepts/example-records.md: `python docs/concepts/make_examples.py`."""

import json
import re
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from click.testing import CliRunner

PAGE: Final = Path(__file__).parent / "example-records.md"
BLOCK: Final = re.compile(r"```json\n(.*?)```", re.DOTALL)


class Examples(NamedTuple):
    """The JSON blocks of the page, in order."""

    position: dict[str, Any]
    payment: dict[str, Any]
    verdict: dict[str, Any]


def read_examples(text: str) -> Examples:
    """Return the parsed JSON blocks of the page."""
    return Examples(*map(json.loads, BLOCK.findall(text)))


def judge(position: dict[str, Any], payment: dict[str, Any]) -> dict[str, Any]:
    """Return the verdict of `geovelocity judge` on one position record and one payment record."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = {"locations": position, "transactions": payment}
        for topic, record in files.items():
            (folder / f"{topic}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
        options = [part for topic in files for part in (f"--{topic}", str(folder / f"{topic}.jsonl"))]
        result = CliRunner().invoke(import_module("app.cli.judge").command, [*options, "--out", str(folder / "out")])
        if result.exit_code != 0:
            raise ValueError(f"a record of {PAGE.name} is rejected: {result.output}")
        verdict: dict[str, Any] = json.loads((folder / "out").read_text(encoding="utf-8"))
        return verdict


def page(text: str) -> str:
    """Return the page with the verdict of the current code."""
    examples = read_examples(text)
    verdict = json.dumps(judge(examples.position, examples.payment), indent=2)
    *_, last = BLOCK.finditer(text)
    return f"{text[: last.start(1)]}{verdict}\n{text[last.end(1) :]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
