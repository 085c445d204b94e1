"""Architecture decision records: form, numbers, links in both directions, index, and mentions in code and documents."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent.parent
FOLDER: Final = ROOT / "docs" / "adr"

LINES_MAX: Final = 40
"""A record that is longer holds two decisions, or figures that belong to a report."""

RELATION: Final = re.compile(r"(superseded by|supersedes|amended by|amends) ((?:, |\[\d{4}\]\([\w.-]+\))+)")
LINK: Final = re.compile(r"\[(\d{4})\]\(([\w.-]+)\)")
STATUS: Final = re.compile(r"(accepted|superseded by LINKS)(, (supersedes|amends|amended by) LINKS)*")
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(, revised \d{4}-\d\d-\d\d)?")
SECTIONS: Final = ["Context", "Decision", "Consequences", "Evidence"]
REVERSE: Final = {
    "superseded by": "supersedes",
    "supersedes": "superseded by",
    "amended by": "amends",
    "amends": "amended by",
}
