"""The connection of the page: the state it shows when it is lost, and its cases afterwards."""

from playwright.async_api import Browser, expect

from tests.browser.cardholder import Cardholder
from tests.browser.page_checks import ids_of_rows, is_live, open_now, row_of
from tests.browser.site import Site


async def test_a_restart_of_the_server_loses_and_duplicates_no_case(
    browser: Browser, site: Site, holder: Cardholder
) -> None:
    page = await browser.new_page()  # failed requests are expected
    await open_now(page, site.url)
    before = [await holder.pays() for _ in range(3)]
    await row_of(page, before[-1]).wait_for(timeout=20_000)
    await row_of(page, before[0]).evaluate("row => { row.dataset.mark = 'kept' }")
    await site.console.stop()
    try:
        await expect(page.locator(".pill")).to_have_attribute("data-state", "broken", timeout=10_000)
        await expect(page.locator(".banner")).to_contain_text("The connection was lost at")
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
