"""The reference pages are what the code says, and their examples are real records."""

import json
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from app.cli import geovelocity
from app.cli.judge import FileJudge
from app.security.agent_context import agent_context
from app.settings import Settings
from schemas.examples import EXAMPLES
from schemas.export import json_schemas
from schemas.topics import TOPICS

ROOT = Path(__file__).parents[4]
SCHEMAS = {name.split(".")[0]: json.loads(text) for name, text in json_schemas().items()}


def test_the_reference_pages_are_up_to_date() -> None:
    """Run in a process of its own, because click keeps the help option of a command that another test invoked."""
    command = [sys.executable, "-m", "app.cli", "docs", "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_check_names_every_outdated_page_and_writes_nothing(tmp_path: Path) -> None:
    assert CliRunner().invoke(geovelocity, ["docs", "--folder", str(tmp_path)]).exit_code == 0
    assert CliRunner().invoke(geovelocity, ["docs", "--check", "--folder", str(tmp_path)]).exit_code == 0
    (tmp_path / "codes.md").write_text("# Codes\n")
    result = CliRunner().invoke(geovelocity, ["docs", "--check", "--folder", str(tmp_path)])
    assert (result.exit_code, result.output) == (1, f"{tmp_path / 'codes.md'} is out of date: run `geovelocity docs`\n")
    assert (tmp_path / "codes.md").read_text() == "# Codes\n"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_matches_its_schema(name: str) -> None:
    jsonschema.validate(EXAMPLES[name], SCHEMAS[name])


def test_every_topic_with_content_has_an_example() -> None:
    assert TOPICS.keys() - EXAMPLES.keys() == {"suspects", "ticks"}


def test_the_example_verdict_answers_the_example_payment() -> None:
    judge = FileJudge(agent_context(Settings(_env_file=None)), StringIO())
    judge.add_positions(BytesIO(json.dumps(EXAMPLES["locations"]).encode()))
    (verdict,) = judge.verdicts(BytesIO(json.dumps(EXAMPLES["transactions"]).encode()))
    assert json.loads(verdict) == EXAMPLES["verdicts"]
