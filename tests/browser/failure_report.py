"""The failure report: the state of page and service after a failed test, because a rare failure cannot be repeated."""

import asyncio
from collections import Counter
from operator import itemgetter
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Error, Page

from tests.browser.site import Site
from tests.support.service import verdicts_of

FRAME: Final = """new Promise((resolve) => {
  requestAnimationFrame(() => resolve("is drawn"));
  setTimeout(() => resolve("is not drawn"), 2000);
})"""

FAILED: Final = pytest.StashKey[bool]()
LOG_LINES: Final = 6
LINE_LENGTH: Final = 240


async def print_failure_report(page: Page, site: Site) -> None:
    """Print how far the payments came: judged, received by the page, drawn."""
    verdicts = sorted(await verdicts_of(site.settings), key=itemgetter("timestamp"))
    last = [f"{one['verdict']}, revision {one['revision']}, paid at {one['timestamp']}" for one in verdicts[-3:]]
    print(f"verdicts: {dict(Counter(one['verdict'] for one in verdicts))}; the last: {last}")
    for name, asked in (
        ("connection", "document.querySelector('.pill')?.dataset.state"),
        ("rows", "[...document.querySelectorAll('li.row')].map((row) => row.innerText.slice(0, 60))"),
        ("a frame", FRAME),
    ):
        try:
            print(f"{name}: {await asyncio.wait_for(page.evaluate(asked), 5)}")
        except (Error, TimeoutError) as error:
            print(f"{name}: {error!r}")
    for log in sorted(Path(site.settings.state_dir).glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        print(log.name, *(line[:LINE_LENGTH] for line in lines), sep="\n  ")
