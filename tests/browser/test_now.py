"""The live view, with a running detector."""

import asyncio
import re
from collections.abc import Iterable

from playwright.async_api import Page, expect

from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import Outcome, Status, Verdict, encode_verdict
from tests.browser.cardholder import Cardholder
from tests.browser.page_checks import ids_of_rows, is_live, open_now, row_of
from tests.browser.site import Site
from tests.support.make import verdict
from tests.support.service import producer

PARTITION = 1
RESPONSIVE_SHARE = 1 / 6
"""Minimum share of the frames that the idle page draws on the same machine."""

FRAMES_IN_3_S = """new Promise(resolve => {
  let frames = 0;
  const until = performance.now() + 3000;
  const draw = now => now < until ? (frames += 1, requestAnimationFrame(draw)) : resolve(frames);
  requestAnimationFrame(draw);
})"""
MARK = "row => { row.dataset.mark = 'the same element' }"


async def test_a_suspect_is_on_the_page_within_two_seconds_of_its_payment(
    page: Page, site: Site, holder: Cardholder
) -> None:
    await open_now(page, site.url)
    await (await another_cardholder(holder)).pays()  # warms up all processes
    loop = asyncio.get_running_loop()
    began = loop.time()
    paid = await holder.pays(merchant="Harbour Coffee")
    row = row_of(page, paid)
    await row.wait_for(timeout=20_000)
    assert loop.time() - began < 2.0
    await expect(row).to_contain_text("km from the place")
    await expect(row).to_contain_text("Harbour Coffee")
    await expect(row.locator("[data-status]")).to_have_text("provisional")


async def test_a_revision_updates_its_row_in_place(page: Page, site: Site) -> None:
    holder = Cardholder(site.settings)
    await holder.is_at_home(ago_s=200)
    await open_now(page, site.url)
    paid = await holder.pays(ago_s=190)
    row = row_of(page, paid)
    await expect(row.locator("[data-status]")).to_have_text("provisional", timeout=20_000)
    await row.evaluate(MARK)
    before = await ids_of_rows(page)
    await holder.is_at_home()  # a fix later than any clock error makes the verdict final
    await expect(row.locator("[data-status]")).to_have_text("final", timeout=20_000)
    await expect(row.locator(".revision")).to_have_text("revision 2")
    await expect(row).to_have_attribute("data-mark", "the same element")
    assert await ids_of_rows(page) == before


async def test_a_cleared_suspect_stays_in_the_list_with_a_badge(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    first = verdict(901, verdict=Outcome.SUSPECT, amount="9017.11", risk=77, codes=("UNREACHABLE_BEFORE",))
    cleared = verdict(901, amount="9017.11", status=Status.FINAL, revision=2)
    await publish(site, first)
    row = page.locator("li.row", has_text="9,017.11 USD")
    await expect(row.locator(".risk .number")).to_have_text("77", timeout=20_000)
    await publish(site, cleared, first)
    await expect(row.locator("[data-verdict]")).to_have_text("now clear")
    await asyncio.sleep(1)  # a repeated older revision changes nothing
    await expect(row.locator("[data-verdict]")).to_have_text("now clear")
    assert await row.count() == 1


async def test_the_tiles_and_the_cardholder_card_show_the_statistics(
    page: Page, site: Site, holder: Cardholder
) -> None:
    await open_now(page, site.url)
    for _ in range(3):
        await holder.pays()
    tiles = page.locator(".tile .value")
    await expect(tiles.nth(1)).to_have_text(re.compile("^[1-9]"), timeout=20_000)
    assert "–" not in await page.locator(".tiles").inner_text()
    people = page.locator(".people")
    await expect(people).to_contain_text("of 1,000 or more in the last hour")
    assert int(await people.locator(".value").inner_text()) >= 1


async def test_a_flood_shows_200_rows_until_its_device_is_erased(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    device = f"device_k1_{'F' * 52}"
    many = flood(range(1000, 1300), device)
    await publish(site, *many)
    rows = page.locator("li.row")
    await expect(page.locator(".more")).to_contain_text("more suspects arrived and are not shown", timeout=20_000)
    await page.reload()
    await expect(rows.first).to_have_attribute("data-id", many[-1].id, timeout=20_000)
    await expect(rows).to_have_count(200)
    await is_live(page)
    await publish(site, erasure(device))
    await expect(page.locator("li.row[data-id^=transaction_k1_1]")).to_have_count(0, timeout=20_000)


async def test_the_page_stays_responsive_at_200_suspects_per_second(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    device = f"device_k1_{'G' * 52}"
    idle_frames: int = await page.evaluate(FRAMES_IN_3_S)

    async def pour() -> None:
        for start in range(10_000, 11_000, 50):
            await publish(site, *flood(range(start, start + 50), device))
            await asyncio.sleep(0.25)

    pouring = asyncio.create_task(pour())
    await page.locator("li.row[data-id^=transaction_k1_10]").first.wait_for(timeout=20_000)
    frames: int = await page.evaluate(FRAMES_IN_3_S)
    await pouring
    await publish(site, erasure(device))
    await expect(page.locator("li.row[data-id^=transaction_k1_10]")).to_have_count(0, timeout=20_000)
    assert frames > idle_frames * RESPONSIVE_SHARE


def flood(numbers: Iterable[int], device_token: str) -> list[Verdict]:
    """Return suspects with times in the future, so that they are above all others."""
    return [
        verdict(
            number,
            verdict=Outcome.SUSPECT,
            timestamp=f"2030-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z",
            device_token=device_token,
            risk=50,
            codes=("UNREACHABLE_BEFORE",),
        )
        for number in numbers
    ]


def erasure(device_token: str) -> Erasure:
    return Erasure(device_tokens=(device_token,), request=1, forgotten_at="", rows=1, open_payments=0)


async def publish(site: Site, *messages: Verdict | Erasure) -> None:
    """Write to both topics as the detector does. One partition, because an erasure covers the records before it."""
    topics = site.settings.topics
    async with producer(site.settings) as opened:
        for topic in (topics.verdicts, topics.suspects):
            for one in messages:
                key = None if isinstance(one, Erasure) else b"phone-of-a-test"
                value = encode_erasure(one) if isinstance(one, Erasure) else encode_verdict(one)
                await opened.send(topic, value, key=key, partition=PARTITION)
            await opened.flush()


async def another_cardholder(holder: Cardholder) -> Cardholder:
    """Return another cardholder, at home."""
    another = Cardholder(holder.settings)
    await another.is_at_home()
    return another
