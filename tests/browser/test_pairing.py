"""The pairing page in a browser, with a running bridge and broker."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import LocalProcess
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.browser.chromium import PHONE, collect_errors
from tests.browser.page_checks import axe_violations, scrolls_sideways
from tests.support.paired_phone import post_of, setup_of
from tests.support.service import running

SHOWN_WITHIN_MS = 2000


@dataclass(frozen=True, slots=True)
class Holder:
    """A cardholder with a paired phone."""

    phone: PhoneSetup
    devices: DeviceRegistry
    bridge: LocalProcess

    @property
    def page(self) -> str:
        return f"{self.phone.base_url}/pair#{self.phone.token}"

    async def sends(self, app: str = "overland", device_id: str = "phone-1") -> int:
        phone = PhoneSetup(self.phone.base_url, device_id, self.phone.token)
        async with aiohttp.ClientSession() as session:
            return await post_of(app, phone, time.time_ns() // 1_000_000).send(session)


@pytest.fixture
async def holder(settings: Settings) -> AsyncIterator[Holder]:
    """Yield a paired phone. Request this fixture before a page: the page must close before the bridge stops."""
    await create_topics(settings)
    devices = DeviceRegistry(settings.bridge_devices_file)
    phone = PhoneSetup(settings.public_url.local_url, "phone-1", devices.add("phone-1"))
    async with running(runner.bridge(settings, restart=False), folder=settings.state_dir) as (bridge,):
        yield Holder(phone, devices, bridge)


@pytest_asyncio.fixture(loop_scope="package")
async def on_phone(browser: Browser) -> AsyncIterator[Page]:
    """Yield a page of phone size. An error in the browser fails the test, also a policy violation."""
    width, height = PHONE
    context = await browser.new_context(viewport={"width": width, "height": height}, is_mobile=True, has_touch=True)
    opened = await context.new_page()
    errors = collect_errors(opened)
    yield opened
    await context.close()
    assert errors == []


async def shows(page: Page, text: str, within_ms: float = SHOWN_WITHIN_MS) -> None:
    await expect(page.locator("#headline")).to_contain_text(text, timeout=within_ms)


def field(page: Page, app: str, name: str) -> Locator:
    return page.locator(f"#{app}").get_by_label(name, exact=True)


async def test_a_report_is_shown_within_two_seconds_on_a_phone(holder: Holder, on_phone: Page) -> None:
    await on_phone.goto(holder.page)
    await shows(on_phone, "No message received yet", within_ms=10_000)
    assert await holder.sends() == 200
    await shows(on_phone, "Connected: last position")
    await expect(on_phone.locator("#headline")).to_contain_text("accuracy 5 m")
    await expect(on_phone.locator("#announcement")).to_contain_text("Connected")
    assert not await scrolls_sideways(on_phone)


async def test_every_app_has_a_button_on_a_phone_and_a_qr_code_on_a_computer(
    holder: Holder, on_phone: Page, page: Page
) -> None:
    for where in (on_phone, page):
        await where.goto(holder.page)
        await expect(where.locator(".app")).to_have_count(len(SOURCES))
        for app in SOURCES:
            setup = setup_of(app, holder.phone)
            if await where.locator(f"#{app}").get_attribute("open") is None:
                await where.locator(f"#{app} summary").click()
            for value in setup.values:
                await expect(field(where, app, value.name)).to_have_value(value.value)
            is_phone = where is on_phone
            await expect(where.locator(f"#{app} .open")).to_be_visible(visible=is_phone and setup.link != "")
            if setup.link:
                await expect(where.locator(f"#{app} .open")).to_have_attribute("href", setup.link)
                await expect(where.locator(f"#{app} .qr svg")).to_be_visible(visible=not is_phone)
        assert not await scrolls_sideways(where)


async def test_a_problem_is_shown_as_a_sentence(holder: Holder, page: Page) -> None:
    await page.goto(holder.page)
    await holder.sends("traccar", device_id="somebody-else")
    await shows(page, "Traccar Client is connected, but there is a problem", within_ms=5000)
    await expect(page.locator("#hint")).to_contain_text("another device")
    assert await holder.sends("traccar") == 200
    await shows(page, "Connected")


@pytest.mark.parametrize("clipboard", ["navigator.clipboard", "undefined"])
async def test_a_value_is_copied_also_without_a_clipboard_api(holder: Holder, page: Page, clipboard: str) -> None:
    """Browsers offer the clipboard API only over https and on localhost."""
    await page.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {{value: {clipboard}}})")
    await page.goto(f"{holder.page}/overland")
    await page.get_by_label("Copy Access token").click()
    await expect(page.get_by_label("Copy Access token")).to_have_text("Copied")
    other = field(page, "overland", "Device ID")
    await other.evaluate("input => input.readOnly = false")
    await other.focus()
    await page.keyboard.press("Control+V")
    await expect(other).to_have_value(holder.phone.token)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_in_both_themes(holder: Holder, page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(holder.page)
    await shows(page, "No message received yet", within_ms=10_000)
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(18, 23, 21)") is (scheme == "dark")
    assert await axe_violations(page) == []
    await holder.sends()
    await shows(page, "Connected")
    assert await axe_violations(page) == []


async def test_an_unavailable_bridge_and_a_revoked_token_are_reported(holder: Holder, browser: Browser) -> None:
    page = await (await browser.new_context()).new_page()  # failed requests are expected
    await page.goto(holder.page)
    await shows(page, "No message received yet", within_ms=10_000)
    holder.bridge.kill()
    await holder.bridge.wait()
    await shows(page, "The bridge does not answer", within_ms=10_000)
    holder.bridge.start()
    await holder.bridge.wait_ready()
    await shows(page, "No message received yet", within_ms=10_000)
    holder.devices.remove("phone-1")
    await shows(page, "This page is no longer valid", within_ms=10_000)


async def test_an_address_without_a_token_is_reported(holder: Holder, page: Page) -> None:
    await page.goto(f"{holder.phone.base_url}/pair")
    await shows(page, "The address of this page is incomplete")
