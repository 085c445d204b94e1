"""Keyboard shortcuts: every task without a mouse."""

import re

from playwright.async_api import Page, expect

from tests.browser.cardholder import Cardholder
from tests.browser.page_checks import open_now, row_of
from tests.browser.site import Site


async def test_keys_select_open_and_judge_a_case(page: Page, site: Site, holder: Cardholder) -> None:
    await holder.pays()
    paid = await holder.pays()
    await open_now(page, site.url)
    await row_of(page, paid).wait_for(timeout=20_000)
    first = page.locator("li.row.chosen")
    await expect(first).to_have_count(1)
    chosen = await first.get_attribute("data-id")
    await page.keyboard.press("j")
    assert await page.locator("li.row.chosen").get_attribute("data-id") != chosen
    await page.keyboard.press("k")
    assert await page.locator("li.row.chosen").get_attribute("data-id") == chosen
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/case/{chosen}$"))
    for key, verdict in (("f", "fraud"), ("n", "not_fraud"), ("u", "unsure")):
        await page.keyboard.press(key)
        await expect(page.locator(".judge input:checked")).to_have_value(verdict)


async def test_space_plays_the_replay_without_scrolling_the_list(page: Page, site: Site, holder: Cardholder) -> None:
    paid = await holder.pays()
    await open_now(page, site.url)
    await row_of(page, paid).locator("a").focus()
    await expect(page.get_by_role("slider")).to_be_visible(timeout=20_000)
    await page.keyboard.press(" ")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()


async def test_slash_opens_the_search_and_typed_letters_are_no_shortcuts(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    await page.keyboard.press("/")
    await expect(page).to_have_url(re.compile("/search$"))
    field = page.locator("[name=merchant]")
    await expect(field).to_be_focused()
    await page.keyboard.type("fun/jk?")
    await expect(field).to_have_value("fun/jk?")
    await expect(page.locator("dialog[open]")).to_have_count(0)


async def test_the_help_opens_with_its_key_and_closes(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("next, previous case")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)
