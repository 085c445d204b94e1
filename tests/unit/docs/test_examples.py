"""Examples: the records of docs/concepts parse, and the rule gives the verdicts that the pages show."""

import json
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

import msgspec
import pytest

from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from schemas.verdict import Verdict, parse_verdict

ROOT: Final = Path(__file__).parent.parent.parent.parent
CONCEPTS: Final = ROOT / "docs" / "concepts"
VARIANT: Final = re.compile(r"^\| (\d\d:\d\d:\d\d) \| `(\w+)` \| ((?:`[A-Z_]+`(?:, )?)+) \|", re.MULTILINE)
"""A row of the table of other times: time, outcome, codes."""


def _load_script() -> ModuleType:
    spec = spec_from_file_location("make_examples", CONCEPTS / "make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["make_examples"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT: Final = _load_script()
PAGE: Final = SCRIPT.PAGE.read_text(encoding="utf-8")
EXAMPLES: Final = SCRIPT.read_examples(PAGE)


def test_the_position_is_a_push() -> None:
    assert isinstance(parse_push(msgspec.json.encode(EXAMPLES.position)), Push)


def test_the_payment_is_a_payment() -> None:
    assert isinstance(parse_payment(msgspec.json.encode(EXAMPLES.payment)), Payment)


def test_the_verdict_is_a_verdict_without_personal_data() -> None:
    text = json.dumps(EXAMPLES.verdict)
    assert isinstance(parse_verdict(text.encode()), Verdict)
    payment = EXAMPLES.payment
    assert [payment[name] for name in ("device_id", "user_id", "name", "card_number") if payment[name] in text] == []


def test_the_verdict_is_that_of_the_current_code() -> None:
    assert SCRIPT.page(PAGE) == PAGE, "run `python docs/concepts/make_examples.py`"


@pytest.mark.parametrize(
    ("time", "outcome", "codes"),
    VARIANT.findall((CONCEPTS / "how-it-decides.md").read_text(encoding="utf-8")),
)
def test_another_time_of_the_payment_gives_the_answer_of_the_table(time: str, outcome: str, codes: str) -> None:
    verdict = SCRIPT.judge(EXAMPLES.position, EXAMPLES.payment | {"timestamp": f"2026-12-01T{time}Z"})
    assert (verdict["verdict"], ", ".join(f"`{code}`" for code in verdict["codes"])) == (outcome, codes)


def test_the_worked_example_has_the_numbers_of_the_verdict() -> None:
    page, verdict = (CONCEPTS / "how-it-decides.md").read_text(encoding="utf-8"), EXAMPLES.verdict
    distances = [f"{verdict[name]:,.0f} m" for name in ("distance_m", "least_distance_m")]
    speeds = [f"{verdict[name]:.0f} m/s" for name in ("implied_speed_mps", "allowed_speed_mps")]
    assert [number for number in (*distances, *speeds) if number not in page] == []
