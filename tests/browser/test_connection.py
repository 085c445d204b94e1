"""The line to the server: when it breaks, what the page says, and what it has afterwards."""

from playwright.async_api import Browser, expect

from tests.browser.cardholder import Cardholder
from tests.browser.page_checks import ids_of_rows, is_live, open_now, row_of
from tests.browser.site import Site


async def test_after_the_server_came_back_nothing_is_lost_and_nothing_twice(
    browser: Browser, site: Site, holder: Cardholder
) -> None:
    page = await browser.new_page()  # its complaints about a server that is gone are right
    await open_now(page, site.url)
    before = [await holder.pays() for _ in range(3)]
    await row_of(page, before[-1]).wait_for(timeout=20_000)
    await row_of(page, before[0]).evaluate("row => { row.dataset.mark = 'kept' }")
    await site.console.stop()
    try:
        await expect(page.locator(".pill")).to_have_attribute("data-state", "broken", timeout=10_000)
        await expect(page.locator(".banner")).to_contain_text("The connection broke at")
        meanwhile = [await holder.pays() for _ in range(3)]
    finally:
        await site.restart()
    await is_live(page, within_s=30)
    await expect(page.locator(".banner")).to_be_hidden()
    afterwards = await holder.pays()
    for paid in (*before, *meanwhile, afterwards):
        await expect(row_of(page, paid)).to_have_count(1, timeout=20_000)
    await expect(row_of(page, before[0])).to_have_attribute("data-mark", "kept")
    ids = await ids_of_rows(page)
    assert len(ids) == len(set(ids))
    await page.close()
