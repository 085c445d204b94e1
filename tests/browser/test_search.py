"""The search view: filters in the address, on the page and in the CSV file."""

import csv
import re
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.cardholder import Cardholder
from tests.browser.page_checks import are_stored, row_of
from tests.browser.site import Site


async def test_a_filter_finds_its_cases_and_is_in_the_address(page: Page, site: Site, holder: Cardholder) -> None:
    wanted = await holder.pays(merchant="Lighthouse Books", merchant_category="books")
    other = await holder.pays(merchant="Lighthouse Fuel", merchant_category="fuel")
    await are_stored(site, 2, "Lighthouse")
    for field, value in (("merchant", "Lighthouse Books"), ("category", "books"), ("q", wanted.transaction_id)):
        await page.goto(f"{site.url}/search")
        await page.locator(f"[name={field}]").fill(value)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(rf"[?&]{field}="))
        await row_of(page, wanted).wait_for()
        await expect(row_of(page, other)).to_have_count(0)


async def test_an_invalid_filter_is_reported_with_the_label_of_its_field(browser: Browser, site: Site) -> None:
    page = await browser.new_page()  # the error response is expected
    await page.goto(f"{site.url}/search?min_risk=much")
    await expect(page.get_by_text("Risk from must be a whole number from 0 to 100")).to_be_visible()


async def test_a_failed_search_clears_the_previous_results(browser: Browser, site: Site, holder: Cardholder) -> None:
    paid = await holder.pays(merchant="Before Shop")
    await are_stored(site, 1, "Before Shop")
    page = await browser.new_page()  # the error response is expected
    await page.goto(f"{site.url}/search?merchant=Before+Shop")
    await row_of(page, paid).wait_for()
    await page.locator("[name=min_risk]").fill("much")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Risk from must be a whole number from 0 to 100")).to_be_visible()
    await expect(page.locator("li.row")).to_have_count(0)
    for gone in ("Download as CSV", "Load more", "No case matches", "1 case"):
        await expect(page.get_by_text(gone)).to_be_hidden()
    await page.locator("[name=min_risk]").fill("1")
    await page.keyboard.press("Enter")
    await row_of(page, paid).wait_for()
    await expect(page.get_by_text("Risk from must")).to_be_hidden()
    await expect(page.get_by_text("Download as CSV")).to_have_attribute(
        "href", "/api/cases.csv?merchant=Before+Shop&min_risk=1"
    )


async def test_a_failed_next_page_keeps_the_loaded_cases(browser: Browser, site: Site, holder: Cardholder) -> None:
    paid = await holder.pays(merchant="Further Shop")
    await are_stored(site, 1, "Further Shop")
    page = await browser.new_page()  # the failed request is expected

    async def claims_more(route: Route) -> None:
        if "cursor=" in route.request.url:
            await route.abort()
            return
        answer = await route.fetch()
        await route.fulfill(json=await answer.json() | {"total": 2, "cursor": "next"})

    await page.route("**/api/cases?*", claims_more)
    await page.goto(f"{site.url}/search?merchant=Further+Shop")
    await expect(page.get_by_text("2 cases, 1 shown")).to_be_visible()
    await page.get_by_role("button", name="Load more").click()
    await expect(page.get_by_text("The server does not answer.")).to_be_visible()
    await row_of(page, paid).wait_for()
    for kept in ("Download as CSV", "Load more", "2 cases, 1 shown"):
        await expect(page.get_by_text(kept)).to_be_visible()


async def test_amount_reason_and_time_filter_together(page: Page, site: Site, holder: Cardholder) -> None:
    small = await holder.pays(amount="12.05", merchant="Narrow Shop")
    large = await holder.pays(merchant="Narrow Shop")
    await are_stored(site, 2, "Narrow Shop")
    await page.goto(f"{site.url}/search?merchant=Narrow+Shop&code=UNREACHABLE_BEFORE")
    await expect(page.locator("li.row")).to_have_count(2)
    await page.locator("[name=amount_min]").fill("1000")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.row")).to_have_count(1)
    await row_of(page, large).wait_for()
    await page.goto(f"{site.url}/search?merchant=Narrow+Shop&to=2026-01-01T00:00:00Z")
    await expect(page.get_by_text("No case matches.")).to_be_visible()
    assert small.transaction_id != large.transaction_id


async def test_the_results_can_be_downloaded_as_csv(page: Page, site: Site, holder: Cardholder, tmp_path: Path) -> None:
    paid = await holder.pays(merchant="Corner Store")
    await are_stored(site, 1, "Corner Store")
    await page.goto(f"{site.url}/search?merchant=Corner+Store")
    await row_of(page, paid).wait_for()
    async with page.expect_download() as download:
        await page.get_by_text("Download as CSV").click()
    await (await download.value).save_as(tmp_path / "cases.csv")
    rows = list(csv.DictReader((tmp_path / "cases.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["transaction_id"] for row in rows] == [paid.transaction_id]


async def test_a_long_result_loads_in_pages_with_each_case_once(page: Page, site: Site, holder: Cardholder) -> None:
    for _ in range(60):
        await holder.pays(merchant="Page Shop")
    await are_stored(site, 60, "Page Shop")
    await page.goto(f"{site.url}/search?merchant=Page+Shop")
    await expect(page.get_by_text("60 cases, 50 shown")).to_be_visible(timeout=20_000)
    await page.get_by_role("button", name="Load more").click()
    await expect(page.locator("li.row")).to_have_count(60)
    ids: list[str] = await page.eval_on_selector_all("li.row", "rows => rows.map(row => row.dataset.id)")
    assert len(set(ids)) == 60
    await expect(page.get_by_role("button", name="Load more")).to_be_hidden()


async def test_a_token_in_the_evidence_links_to_all_its_cases(page: Page, site: Site, holder: Cardholder) -> None:
    paid = await holder.pays(merchant="Person Shop")
    await are_stored(site, 1, "Person Shop")
    await page.goto(f"{site.url}/search?q={paid.transaction_id}")
    await row_of(page, paid).locator("a").click()
    await page.locator(".evidence a").last.click()
    await expect(page).to_have_url(re.compile(r"/search\?token=device_"))
    await row_of(page, paid).wait_for()
