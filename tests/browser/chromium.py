"""Debian's chromium, driven by Playwright. Playwright's own browser is not installed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

PROGRAM: Final = Path("/usr/bin/chromium")
QUIETLY: Final = (
    "--no-sandbox",  # in continuous integration it runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK: Final = (1440, 900)
PHONE: Final = (390, 844)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a browser.

    Raises:
        AssertionError: chromium is not installed.
    """
    assert PROGRAM.exists(), "the browser tests need Debian's chromium: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=QUIETLY)
        try:
            yield browser
        finally:
            await browser.close()


def collect_errors(page: Page) -> list[str]:
    """Collect the errors of a page from now on: exceptions, policy violations and failed requests."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"error: {error}"))
    page.on("console", lambda message: errors.extend(_error_lines(message)))
    return errors


def _error_lines(message: ConsoleMessage) -> list[str]:
    """Return the error of a console message. A case or index that does not exist yet is none: the page retries."""
    url = message.location["url"]
    early = ("/api/cases/" in url or "/api/judged" in url) and any(
        f"status of {status}" in message.text for status in (404, 503)
    )
    return [f"{message.text} {url}"] if message.type == "error" and not early else []
