"""Now: what an analyst sees come by, with the detector at work behind it."""

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
FLUENT = 1 / 6
"""Of the frames that the same page draws in calm on the same machine, whatever else runs there."""

FRAMES_IN_3_S = """new Promise(told => {
  let frames = 0;
  const until = performance.now() + 3000;
  const draw = now => now < until ? (frames += 1, requestAnimationFrame(draw)) : told(frames);
  requestAnimationFrame(draw);
})"""
MARK = "row => { row.dataset.mark = 'the same element' }"


async def test_a_suspect_is_on_the_page_within_two_seconds_of_its_payment(
    page: Page, site: Site, holder: Cardholder
) -> None:
    await open_now(page, site.url)
    await (await holder_again(holder)).pays()  # the first of all makes everything warm
    loop = asyncio.get_running_loop()
    began = loop.time()
    paid = await holder.pays(merchant="Harbour Coffee")
    row = row_of(page, paid)
    await row.wait_for(timeout=20_000)
    assert loop.time() - began < 2.0
    await expect(row).to_contain_text("km from the place")
    await expect(row).to_contain_text("Harbour Coffee")
    await expect(row.locator("[data-status]")).to_have_text("provisional")


async def test_a_revision_changes_its_row_in_place(page: Page, site: Site) -> None:
    holder = Cardholder(site.settings)
    await holder.is_at_home(ago_s=200)
    await open_now(page, site.url)
    paid = await holder.pays(ago_s=190)
    row = row_of(page, paid)
    await expect(row.locator("[data-status]")).to_have_text("provisional", timeout=20_000)
    await row.evaluate(MARK)
    before = await ids_of_rows(page)
    await holder.is_at_home()  # a fix later than any clock error: the last word
    await expect(row.locator("[data-status]")).to_have_text("final", timeout=20_000)
    await expect(row.locator(".revision")).to_have_text("revision 2")
    await expect(row).to_have_attribute("data-mark", "the same element")
    assert await ids_of_rows(page) == before


async def test_a_suspicion_that_is_taken_back_stays_and_says_so(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    first = verdict(901, verdict=Outcome.SUSPECT, amount="9017.11", risk=77, codes=("UNREACHABLE_BEFORE",))
    taken_back = verdict(901, amount="9017.11", status=Status.FINAL, revision=2)
    await publish(site, first)
    row = page.locator("li.row", has_text="9,017.11 USD")
    await expect(row.locator(".risk .number")).to_have_text("77", timeout=20_000)
    await publish(site, taken_back, first)
    await expect(row.locator("[data-verdict]")).to_have_text("now clear")
    await asyncio.sleep(1)  # the older revision, said again, changes nothing
    await expect(row.locator("[data-verdict]")).to_have_text("now clear")
    assert await row.count() == 1


async def test_the_tiles_and_the_people_tell_what_the_service_did(page: Page, site: Site, holder: Cardholder) -> None:
    await open_now(page, site.url)
    for _ in range(3):
        await holder.pays()
    tiles = page.locator(".tile .value")
    await expect(tiles.nth(1)).to_have_text(re.compile("^[1-9]"), timeout=20_000)
    assert "–" not in await page.locator(".tiles").inner_text()
    people = page.locator(".people")
    await expect(people).to_contain_text("of 1,000 or more in the last hour")
    assert int(await people.locator(".value").inner_text()) >= 1


async def test_a_flood_is_told_in_part_and_kept_to_two_hundred_rows_until_its_device_is_forgotten(
    page: Page, site: Site
) -> None:
    await open_now(page, site.url)
    device = f"device_k1_{'F' * 52}"
    many = flood(range(1000, 1300), device)
    await publish(site, *many)
    rows = page.locator("li.row")
    await expect(page.locator(".more")).to_contain_text("more came faster than one can read", timeout=20_000)
    await page.reload()
    await expect(rows.first).to_have_attribute("data-id", many[-1].id, timeout=20_000)
    await expect(rows).to_have_count(200)
    await is_live(page)
    await publish(site, erasure(device))
    await expect(page.locator("li.row[data-id^=transaction_k1_1]")).to_have_count(0, timeout=20_000)


async def test_the_page_stays_fluent_under_two_hundred_suspects_a_second(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    device = f"device_k1_{'G' * 52}"
    in_calm: int = await page.evaluate(FRAMES_IN_3_S)

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
    assert frames > in_calm * FLUENT


def flood(numbers: Iterable[int], device_token: str) -> list[Verdict]:
    """Suspects of another age, so that they stand above all others."""
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


async def publish(site: Site, *said: Verdict | Erasure) -> None:
    """As the detector does, on both topics; all on one partition, since an erasure is of what stands before it."""
    topics = site.settings.topics
    async with producer(site.settings) as opened:
        for topic in (topics.verdicts, topics.suspects):
            for one in said:
                key = None if isinstance(one, Erasure) else b"phone-of-a-test"
                value = encode_erasure(one) if isinstance(one, Erasure) else encode_verdict(one)
                await opened.send(topic, value, key=key, partition=PARTITION)
            await opened.flush()


async def holder_again(holder: Cardholder) -> Cardholder:
    """Another one, at home."""
    another = Cardholder(holder.settings)
    await another.is_at_home()
    return another
