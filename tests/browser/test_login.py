"""The login in production: a token is required, and a viewer cannot give feedback."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from app.api.auth.users import Role, Users
from app.local import runner
from app.security.masking_keys import new_key
from tests.browser.cardholder import Cardholder
from tests.browser.page_checks import axe_violations, is_live
from tests.browser.site import Site
from tests.support.service import FREE_PORTS, changed, running


@pytest.fixture
async def closed(site: Site, tmp_path: Path) -> AsyncIterator[str]:
    """Run the console in production mode on another port. Yield its address."""
    port = site.settings.ports.kafka + FREE_PORTS
    settings = changed(
        site.settings, mode="production", keys=new_key("k1"), api_port=port, api_users_file=tmp_path / "users.jsonl"
    )
    command = runner.api(settings, restart=False)
    environment = {**command.env, "GEOVELOCITY_HEALTH_PORT": str(port + 1)}
    async with running(replace(command, ports=(port, port + 1), env=environment), folder=tmp_path):
        yield settings.console


@pytest_asyncio.fixture(loop_scope="package")
async def visitor(browser: Browser) -> AsyncIterator[Page]:
    """Yield a page that may have errors, because rejected requests are expected."""
    page = await browser.new_page()
    yield page
    await page.close()


async def test_the_page_shows_nothing_without_a_token(visitor: Page, closed: str, tmp_path: Path) -> None:
    await visitor.goto(closed)
    await expect(visitor.get_by_role("heading", name="Log in")).to_be_visible()
    assert await axe_violations(visitor) == []
    await expect(visitor.locator("li.row")).to_have_count(0)
    await visitor.get_by_label("Token").fill("a-token-of-nobody")
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_role("alert").last).not_to_be_empty()
    await visitor.get_by_label("Token").fill(Users(tmp_path / "users.jsonl").add("pat", Role.ANALYST))
    await visitor.keyboard.press("Enter")
    await is_live(visitor)
    await expect(visitor.locator("#who")).to_have_text("pat, analyst")
    await visitor.get_by_role("button", name="Log out").click()
    await expect(visitor.get_by_role("heading", name="Log in")).to_be_visible()
    await visitor.reload()
    await expect(visitor.get_by_role("heading", name="Log in")).to_be_visible()


async def test_a_viewer_can_read_and_cannot_give_feedback(
    visitor: Page, closed: str, holder: Cardholder, tmp_path: Path
) -> None:
    token = Users(tmp_path / "users.jsonl").add("vic", Role.VIEWER)
    await visitor.goto(closed)
    await visitor.get_by_label("Token").fill(token)
    await visitor.keyboard.press("Enter")
    await is_live(visitor)
    await holder.pays()
    await expect(visitor.get_by_role("button", name="Alerts")).to_be_hidden()
    await visitor.locator("li.row a").first.click(timeout=20_000)
    await expect(visitor.get_by_role("button", name="Save verdict")).to_be_disabled()
    await expect(visitor.locator(".judge")).to_contain_text("you are logged in as a viewer")
