"""Runbook: every alert and every exit code has its section."""

import re
from pathlib import Path
from typing import Final

from app.stream.safety.fail_stop import ExitCode

ROOT: Final = Path(__file__).parent.parent.parent.parent
HEADINGS: Final = re.findall(
    r"^### (.+)$", (ROOT / "docs" / "operations" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_the_runbook_has_a_section_for_each_alert() -> None:
    text = (ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text(encoding="utf-8")
    alerts = re.findall(r"- alert: (\w+)", text)
    assert [heading for heading in HEADINGS if not heading.startswith("Exit code")] == alerts


def test_the_runbook_has_a_section_for_each_exit_code() -> None:
    assert {f"Exit code {code.value}" for code in ExitCode} <= set(HEADINGS)
