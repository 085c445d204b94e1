"""The view of a case: map, chart and replay from the phone's fixes, history and feedback."""

import json
import re

from playwright.async_api import Page, expect

from app.kafka.topic_reader import read_all
from tests.browser.cardholder import Cardholder, Paid
from tests.browser.page_checks import open_now, row_of
from tests.browser.site import Site
from tests.support.service import until

PIXELS = """(canvas, name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
  probe.remove();
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    const off = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
    if (off < 12 && data[at + 3] > 200) found += 1;
  }
  return found;
}"""


async def open_case(page: Page, paid: Paid) -> None:
    """Open a case by its link in the list."""
    link = row_of(page, paid).locator("a")
    await link.wait_for(timeout=20_000)
    await link.click()
    await expect(page).to_have_url(re.compile(r"/case/transaction_"))


async def test_map_and_chart_show_the_fixes_of_the_phone(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    holder = Cardholder(site.settings)
    fixes = await holder.drives(minutes=10)
    paid = await holder.pays(away_m=30_000)
    await open_case(page, paid)
    world = page.locator(".case .map")
    await expect(world).to_have_attribute("data-fixes", str(fixes), timeout=20_000)
    await expect(world).to_have_attribute("data-land", "241")
    way = await world.locator("path.way").get_attribute("d") or ""
    assert len(re.findall("[ML]", way)) > 5
    for sign in ("place", "phone.binds", "vague", "reach", "between"):
        assert await world.locator(f"path.{sign}").count() >= 1, sign
    distance = re.search(r"(\d+\.\d km) from the place", await page.locator(".case > .reason").inner_text())
    assert distance is not None
    await expect(world.locator(".label", has_text=distance[1])).to_be_visible()
    chart = page.locator(".case .chart")
    await expect(chart).to_have_attribute("data-points", str(fixes))
    canvas = chart.locator("canvas")
    assert await canvas.evaluate(PIXELS, "phone") > 200
    assert await canvas.evaluate(PIXELS, "reach") > 100, "the line of the allowed speed"
    assert await canvas.evaluate(PIXELS, "place") > 20, "the moment of the payment"
    await expect(chart.locator(".u-legend")).to_contain_text("altitude")


async def test_the_accuracy_circle_is_never_smaller_than_the_grid(page: Page, site: Site, holder: Cardholder) -> None:
    await open_now(page, site.url)
    paid = await holder.pays(away_m=20_000)
    await open_case(page, paid)
    circle = await page.locator(".case path.vague").first.bounding_box()
    scale = page.locator(".case .leaflet-control-scale-line")
    scale_m = {"m": 1, "km": 1000}[(await scale.inner_text()).split()[1]] * int((await scale.inner_text()).split()[0])
    scale_px = (await scale.bounding_box() or {"width": 0})["width"]
    assert circle is not None
    assert circle["width"] * scale_m / scale_px > 2 * 1000  # a radius of 1.1 km, a pixel more or less


async def test_the_replay_moves_the_phone_along_its_track(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    holder = Cardholder(site.settings)
    await holder.drives(minutes=10)
    await open_case(page, await holder.pays())
    slider = page.get_by_role("slider")
    await slider.fill("0", timeout=20_000)
    await expect(page.locator(".clock")).not_to_be_empty()
    beginning = await page.locator(".clock").inner_text()
    travelled = page.locator(".case path.travelled")
    at_first = await travelled.get_attribute("d") or ""
    await slider.fill("1000")
    assert await page.locator(".clock").inner_text() != beginning
    assert len(await travelled.get_attribute("d") or "") > len(at_first)
    await expect(page.locator(".said").first).to_contain_text("km/h")
    await slider.fill("0")
    await page.get_by_role("button", name="Play").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await expect(page.locator(".clock")).not_to_have_text(beginning, timeout=10_000)


async def test_the_evidence_has_units_and_the_history_has_all_revisions(page: Page, site: Site) -> None:
    await open_now(page, site.url)
    holder = Cardholder(site.settings)
    await holder.is_at_home(ago_s=200)
    paid = await holder.pays(ago_s=190)
    await open_case(page, paid)
    evidence = page.locator(".evidence")
    for text in (paid.transaction_id, "899 km", "km/h", "m/s", "accuracy 5 m", "10 s", "within reach"):
        await expect(evidence).to_contain_text(text)
    await holder.is_at_home()
    await expect(page.locator(".case")).to_have_attribute("data-revision", "2", timeout=20_000)
    revisions = page.locator(".revisions li")
    await expect(revisions).to_have_count(2, timeout=20_000)
    assert [await one.get_attribute("data-revision") for one in await revisions.all()] == ["2", "1"]


async def test_a_related_suspect_opens_with_a_click(page: Page, site: Site, holder: Cardholder) -> None:
    await open_now(page, site.url)
    other, paid = await holder.pays(), await holder.pays()
    await open_case(page, paid)
    await expect(page.locator(".revisions li").first).to_be_visible(timeout=20_000)  # the store has it
    await page.reload()
    await page.locator(".case .row", has_text=other.shown).locator("a").click(timeout=20_000)
    await expect(page.locator("h1")).to_contain_text(other.shown)


async def test_feedback_of_the_analyst_arrives_on_the_topic(page: Page, site: Site, holder: Cardholder) -> None:
    await open_now(page, site.url)
    paid = await holder.pays()
    await open_case(page, paid)
    await expect(page.locator(".revisions li").first).to_be_visible(timeout=20_000)  # the store has it
    await page.get_by_label("Note").fill("The cardholder was called: it was not her.")
    await page.locator("h1").click()
    await page.keyboard.press("f")
    await expect(page.get_by_role("button", name="Save verdict")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".judge .said")).to_contain_text("Fraud, by demo at", timeout=20_000)

    async def arrived() -> bool:
        records = await read_all(site.settings, site.settings.topics.feedback)
        feedback = [json.loads(record.value or b"{}") for record in records]
        return [
            (one["verdict"], one["note"]) for one in feedback if one.get("transaction_id") == paid.transaction_id
        ] == [("fraud", "The cardholder was called: it was not her.")]

    await until(arrived, within_s=20)

    async def stored() -> bool:
        return '"fraud"' in await (await page.request.get(f"{site.url}/api/cases/{case_id}")).text()

    case_id = page.url.rsplit("/", 1)[1]
    await until(stored, within_s=20)
    await open_now(page, site.url)
    await row_of(page, paid).locator("a").focus()
    await expect(page.locator(".preview .judge .said")).to_contain_text("Fraud, by demo at", timeout=20_000)
    await page.reload()
    await expect(page.locator(".judge .said")).to_contain_text("it was not her", timeout=20_000)


async def test_a_judged_case_has_a_badge_in_every_list(page: Page, site: Site, holder: Cardholder) -> None:
    await open_now(page, site.url)
    paid, other = await holder.pays(), await holder.pays()
    row = row_of(page, paid)
    await row.locator("a").focus(timeout=20_000)
    case_id = await row.get_attribute("data-id")
    await expect(row.locator(".judged")).to_be_hidden()
    await page.keyboard.press("n")
    await page.keyboard.press("Enter")
    await expect(row.locator(".judged")).to_have_text("judged not fraud", timeout=20_000)

    async def stored() -> bool:
        return str(case_id) in await (await page.request.get(f"{site.url}/api/judged")).text()

    await until(stored, within_s=20)
    for address in ("", f"/search?q={paid.transaction_id}"):
        await page.goto(f"{site.url}{address}")
        await expect(row.locator(".judged")).to_have_text("judged not fraud", timeout=20_000)
    await page.goto(site.url)
    await expect(row_of(page, other).locator(".judged")).to_be_hidden(timeout=20_000)
    await row_of(page, other).locator("a").click(timeout=20_000)
    await expect(row.locator(".judged")).to_have_text("judged not fraud", timeout=20_000)
