"""Screenshots of the running service for the README: `python -m tests.browser.pictures` takes about two minutes.

Beside the simulated phones, one phone sends a drive of a quarter of an hour over a hill. The simulated phones have only
a minute of history and no altitude.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
from playwright.async_api import Browser, Page, expect

from app.local import runner
from app.local.ports import reserved_ports
from app.settings import PREFIX, Settings
from app.simulate.conditions import CONDITIONS
from app.simulate.replay import Replay
from app.simulate.simulation import live
from deploy.local.stack import Stack
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.browser.cardholder import Cardholder, Paid
from tests.browser.chromium import DESK, PHONE, chromium
from tests.browser.page_checks import open_now, row_of
from tests.support.paired_phone import post_of

FOLDER: Final = Path(__file__).parent.parent.parent / "docs" / "pictures"
SECONDS: Final = 70
PAYMENTS: Final = 120
PAYMENTS_PER_PHONE: Final = 8
SETTLE_MS: Final = 3500
RECEIVED_MS: Final = 2000
FADED_MS: Final = 2600  # until the highlight of new rows has ended
FINAL_AFTER_S: Final = 50
"""Wait after which a fix is later than any clock error, so that the verdict becomes final."""

BYTES_MAX: Final = 300_000


async def main() -> int:
    for name in [name for name in os.environ if name.startswith(PREFIX) and name != "GEOVELOCITY_CACHE"]:
        del os.environ[name]  # use separate servers and no settings of this machine
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="geovelocity-pictures-", ignore_cleanup_errors=True) as name:
        await _run_and_capture(Path(name))
    large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > BYTES_MAX]
    if large:
        print(f"larger than {BYTES_MAX // 1000} KB: {', '.join(large)}", file=sys.stderr)
    return 1 if large else 0


async def _run_and_capture(folder: Path) -> None:
    with reserved_ports() as ports:
        settings = Settings(
            _env_file=None,
            port_base=ports.kafka,
            state_dir=folder,
            bridge_devices_file=folder / "devices.jsonl",
            api_users_file=folder / "users.jsonl",
            bridge_url="https://phones.bank.example",
        )
        async with Stack(folder, ports, print) as stack, chromium() as browser:
            await stack.start_servers()
            await runner.start_service(stack, settings)
            await _take_all(settings, browser)


async def _take_all(settings: Settings, browser: Browser) -> None:
    driver = Cardholder(settings)
    plan = live(7, SECONDS, PAYMENTS, a_session=PAYMENTS_PER_PHONE, conditions=(CONDITIONS["live 1 Hz"],))
    async with _opened(browser, DESK) as page, _opened(browser, PHONE) as small:
        await open_now(page, settings.console)
        await open_now(small, settings.console)
        playing = asyncio.create_task(Replay(settings, plan).run(print))
        await asyncio.sleep(SECONDS - 10)
        await driver.drives(minutes=14, ago_s=8)
        paid = await driver.pays(away_m=58_000, merchant="Shore Road Fuel", merchant_category="fuel", amount="1486.20")
        await _choose(page, paid)
        await _save(page, "now")
        await page.emulate_media(color_scheme="dark")
        await page.wait_for_timeout(FADED_MS)
        await _save(page, "now-dark")
        await page.emulate_media(color_scheme="light")
        await _save(small, "phone")
        await playing
        await asyncio.sleep(FINAL_AFTER_S)
        await driver.drives(minutes=1)
        await row_of(page, paid).locator("a").click()
        await page.wait_for_timeout(SETTLE_MS)
        await _save(page, "case")
    await _take_pairing(settings, browser)


async def _take_pairing(settings: Settings, browser: Browser) -> None:
    """Take the pairing page of a phone that has reported."""
    phone = PhoneSetup(
        settings.public_url.local_url, "pat-phone", DeviceRegistry(settings.bridge_devices_file).add("pat-phone")
    )
    async with _opened(browser, DESK) as page, aiohttp.ClientSession() as session:
        await page.goto(f"{phone.base_url}/pair#{phone.token}")
        await post_of("overland", phone, time.time_ns() // 1_000_000).send(session)
        await page.wait_for_timeout(RECEIVED_MS)
        await _save(page, "pairing")


@asynccontextmanager
async def _opened(browser: Browser, size: tuple[int, int]) -> AsyncIterator[Page]:
    width, height = size
    page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    yield page
    await page.close()


async def _choose(page: Page, paid: Paid) -> None:
    row = row_of(page, paid)
    await row.wait_for(timeout=20_000)
    await row.locator(".reason").click()
    await expect(page.locator(".preview .map")).not_to_have_attribute("data-fixes", "0", timeout=20_000)
    await page.wait_for_timeout(SETTLE_MS)


async def _save(page: Page, name: str) -> None:
    await page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
