"""One running service and one browser for all browser tests, and a page for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from app.settings import PREFIX, Settings
from deploy.local.stack import Stack
from tests.browser.cardholder import Cardholder
from tests.browser.chromium import DESK, chromium, collect_errors
from tests.browser.failure_report import FAILED, print_failure_report
from tests.browser.site import Site, running_site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Run all browser tests in one event loop, that of the browser."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.asyncio(loop_scope="package"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record a failure for the fixtures before they clean up."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def site(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Yield the running service for all browser tests."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            patch.delenv(name)
        settings = Settings(
            port_base=servers.ports.kafka,
            namespace="browser",
            topic_prefix="browser-",
            partitions=4,
            session_timeout_s=6.0,
            commit_interval_s=0.5,
            state_dir=folder,
            bridge_devices_file=folder / "devices.jsonl",
            api_users_file=folder / "users.jsonl",
        )
        stack = AsyncExitStack()
        try:
            yield runner.run(stack.enter_async_context(running_site(settings, folder)))
        finally:
            runner.run(stack.aclose())


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def running_browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="package")
async def browser(running_browser: Browser) -> AsyncIterator[Browser]:
    """Yield the browser, and close all contexts of the test afterwards, with the data that pages stored in them."""
    yield running_browser
    for context in running_browser.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """Yield a page of desktop size. An error in the browser fails the test."""
    width, height = DESK
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    opened = await context.new_page()
    errors = collect_errors(opened)
    yield opened
    if request.node.stash.get(FAILED, False):
        await print_failure_report(opened, site)
    await context.close()
    assert errors == []


@pytest.fixture
async def holder(site: Site) -> Cardholder:
    """Return a new cardholder whose phone has just reported from home."""
    cardholder = Cardholder(site.settings)
    await cardholder.is_at_home()
    return cardholder
