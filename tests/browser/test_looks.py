"""Appearance and accessibility: themes, phone layout, axe, announcements."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.cardholder import Cardholder, Paid
from tests.browser.chromium import DESK, PHONE, collect_errors
from tests.browser.page_checks import are_stored, axe_violations, open_now, row_of, scrolls_sideways
from tests.browser.site import Site

GROUND = "getComputedStyle(document.body).backgroundColor"
FREE_PX = """tiles => tiles.map(tile =>
  tile.querySelector('.spark').getBoundingClientRect().top - tile.querySelector('.under').getBoundingClientRect().bottom
)"""


async def goes_to_case(page: Page, site: Site, paid: Paid) -> None:
    await open_now(page, site.url)
    await row_of(page, paid).locator("a").click(timeout=20_000)
    await expect(page.locator(".case .map")).to_be_visible()


async def test_the_theme_follows_the_system_until_the_user_chooses(page: Page, site: Site) -> None:
    await page.emulate_media(color_scheme="dark")
    await open_now(page, site.url)
    dark = await page.evaluate(GROUND)
    await page.emulate_media(color_scheme="light")
    light = await page.evaluate(GROUND)
    assert dark != light
    await page.locator("#theme").click()  # light, independent of the system
    await page.locator("#theme").click()  # dark
    assert await page.evaluate(GROUND) == dark
    await page.reload()
    assert await page.evaluate(GROUND) == dark
    await page.locator("#theme").click()
    assert await page.evaluate(GROUND) == light


async def test_no_view_scrolls_sideways_on_a_phone(browser: Browser, site: Site, holder: Cardholder) -> None:
    paid = await holder.pays(merchant="A Merchant With Quite A Long Name Incorporated")
    width, height = PHONE
    context = await browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=True, has_touch=True, device_scale_factor=2
    )
    page = await context.new_page()
    errors = collect_errors(page)
    await open_now(page, site.url)
    await row_of(page, paid).wait_for(timeout=20_000)
    assert not await scrolls_sideways(page)
    await are_stored(site, 1, "A Merchant With Quite")
    await page.goto(f"{site.url}/search")
    await page.locator("li.row").first.wait_for()
    assert not await scrolls_sideways(page)
    await open_now(page, site.url)
    await row_of(page, paid).locator(".reason").tap(timeout=20_000)  # a tap anywhere in the row opens the case
    await expect(page.locator(".case .chart canvas")).to_be_visible()
    assert not await scrolls_sideways(page)
    assert errors == []
    await context.close()


@pytest.mark.parametrize("size", [DESK, (1040, 700), PHONE], ids=["desk", "narrow", "phone"])
async def test_the_sparkline_is_below_the_text_of_its_tile(
    page: Page, site: Site, holder: Cardholder, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await open_now(page, site.url)
    await row_of(page, await holder.pays()).wait_for(timeout=20_000)
    free_px: list[float] = await page.eval_on_selector_all(".tile", FREE_PX)
    assert len(free_px) == 4
    assert min(free_px) >= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(page: Page, site: Site, holder: Cardholder, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    merchant = f"Axe Shop {scheme}"
    paid = await holder.pays(merchant=merchant)
    await open_now(page, site.url)
    await row_of(page, paid).wait_for(timeout=20_000)
    await page.wait_for_timeout(3000)  # until the highlight of new rows has ended
    assert await axe_violations(page) == []
    await page.keyboard.press("?")
    assert await axe_violations(page) == []
    await page.keyboard.press("Escape")
    await goes_to_case(page, site, paid)
    await page.wait_for_timeout(1000)
    assert await axe_violations(page) == []
    await are_stored(site, 1, merchant)
    await page.goto(f"{site.url}/search")
    await page.locator("li.row").first.wait_for()
    assert await axe_violations(page) == []


async def test_a_new_suspect_is_announced_to_screen_readers(page: Page, site: Site, holder: Cardholder) -> None:
    await open_now(page, site.url)
    await holder.pays()
    region = page.locator("[aria-live=polite]#announcements")
    await expect(region).to_contain_text("new suspect", timeout=20_000)
