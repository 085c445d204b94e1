"""Checks and helpers for the console's page."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

import aiohttp
from playwright.async_api import Locator, Page, expect

from tests.browser.cardholder import Paid
from tests.browser.site import Site
from tests.support.service import until

AXE: Final = Path(__file__).parent.parent.parent / "app" / "api" / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS: Final = frozenset({"serious", "critical"})


async def open_now(page: Page, url: str) -> None:
    """Open the live view and wait until it is connected."""
    await page.goto(url)
    await is_live(page)


async def is_live(page: Page, within_s: float = 20) -> None:
    await expect(page.locator(".pill")).to_have_attribute("data-state", "live", timeout=1000 * within_s)


def row_of(page: Page, paid: Paid) -> Locator:
    return page.locator("li.row", has_text=paid.shown)


async def ids_of_rows(page: Page) -> list[str]:
    ids: list[str] = await page.eval_on_selector_all("li.row", "rows => rows.map(row => row.dataset.id)")
    return ids


async def axe_violations(page: Page) -> list[tuple[str, str]]:
    """Return the serious and critical findings of axe: the rule, and the first element that breaks it."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(one["id"], str(one["nodes"][0]["target"])) for one in found["violations"] if one["impact"] in SERIOUS]


async def scrolls_sideways(page: Page) -> bool:
    answer: Awaitable[bool] = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return await answer


async def are_stored(site: Site, many: int, merchant: str) -> None:
    """Wait until Elasticsearch has this number of suspects of a merchant."""
    async with aiohttp.ClientSession(site.url) as session:

        async def shown() -> bool:
            async with session.get("/api/cases", params={"merchant": merchant}) as answer:  # 503: no index yet
                return answer.status == 200 and (await answer.json())["total"] == many

        await until(shown)
