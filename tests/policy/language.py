"""The language rule as a check: `python -m tests.policy.language [PATH...]` lists phrases that are not allowed.

The rule and its reasons are in docs/development/style-guide.md. Without paths it reads every tracked text file.
Exit code 1: at least one phrase was found.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent.parent
SUFFIXES: Final = frozenset(
    {".py", ".js", ".ts", ".css", ".html", ".md", ".toml", ".yaml", ".yml", ".java", ".example", ".txt", ""}
)
EXEMPT: Final = (
    "docs/development/style-guide.md",  # quotes the phrases
    "docs/development/glossary.md",  # names the words that are not used
    "docs/development/field-reports.md",  # quotes reporters
    "tests/policy/",  # lists the phrases
    "requirements/",
    "LICENSE",
    "app/api/web/package-lock.json",
)


class Phrase(NamedTuple):
    """A phrase that is not allowed, as a regular expression, and the words to use instead."""

    pattern: re.Pattern[str]
    instead: str


def _phrase(pattern: str, instead: str, flags: re.RegexFlag = re.IGNORECASE) -> Phrase:
    return Phrase(re.compile(pattern, flags), instead)


PHRASES: Final = (
    _phrase(r"\bso (many|long|often|far as)\b", "give the number, or write 'up to', 'this many', 'while', 'as far as'"),
    _phrase(r"manieth\b", "write 'position in', 'n-th'"),
    _phrase(r"\b(anew|afresh)\b", "write 'again', 'from the start'"),
    _phrase(r"\b(who|what)(so)?ever\b", "name the actor or the thing"),
    _phrase(r"\b(is|are|was|were|be|been|being|gets?) told\b|\btold (of|by|that|when|with|in)\b", "write 'reports'"),
    _phrase(r"\bare those told\b|\btold,", "write 'reports', 'exports', 'notifies'"),
    _phrase(r"\blet(s|ting)? (\w+ )?in\b(?! on)", "write 'accept', 'authenticate', 'admit'"),
    _phrase(r"\b(is|are|was|were|be|been|goes|went|stays?|stayed) away\b", "write 'unavailable', 'down', 'absent'"),
    _phrase(r"\baway (for|since|too)\b", "write 'unavailable'"),
    _phrase(r"\blast words?\b", "write 'final verdict'"),
    _phrase(r"\bno moment is lost\b", "say what happens"),
    _phrase(r", too\b", "write 'also' before the verb"),
    _phrase(r'(^\s*(#|"""|\*|//|-)?\s*|[.:;!]\s+)What (?!if\b|about\b)[^?]*$', "start with the noun", re.NOFLAG),
    _phrase(r"(?<![\w'-])(he|his|him|himself)(?![\w'-])", "write 'they', 'the analyst', 'the cardholder'", re.NOFLAG),
    _phrase(r'"""(Of|Theirs|Ours|The same|Likewise|As above)\b', "say what it is or does", re.NOFLAG),
    _phrase(r"\btills?\b(?! clock 20 s off)", "write 'terminal'"),
)
"""Order: as in the style guide. The pronouns are matched in lower case only: `HIS` and `HE` may be codes."""


class Finding(NamedTuple):
    """A phrase in a line of a file. `line` starts at 1."""

    path: str
    line: int
    text: str
    instead: str


def findings(path: str, text: str) -> Iterator[Finding]:
    """Yield what breaks the rule in a file, by line. Names of tests count as sentences."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace("_", " ") if line.lstrip().startswith(("def test_", "async def test_")) else line
        for phrase in PHRASES:
            if found := phrase.pattern.search(words):
                yield Finding(path, number, found.group(0).strip(), phrase.instead)


def tracked_files() -> list[str]:
    """Return the text files that git tracks or would track, without the exempt ones."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [
        name
        for name in names
        if name and Path(name).suffix in SUFFIXES and not name.startswith(EXEMPT) and (ROOT / name).is_file()
    ]


def check(names: Iterable[str]) -> list[Finding]:
    """Read the files and return every finding."""
    return [found for name in names for found in findings(name, (ROOT / name).read_text(encoding="utf-8"))]


def main() -> int:
    """Print one line per finding and return the exit code."""
    paths = tuple(sys.argv[1:])
    names = [name for name in tracked_files() if not paths or name.startswith(paths)]
    found = check(names)
    for one in found:
        print(f"{one.path}:{one.line}: '{one.text}': {one.instead}")
    print(f"{len(found)} phrases that the style guide does not allow in {len(names)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
