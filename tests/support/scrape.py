"""The metrics and health endpoints of a worker under test."""

import asyncio
import re
import urllib.error
import urllib.request
from collections.abc import Mapping

from app.settings import Settings
from deploy.local.ports import HOST
from tests.support.service import FREE_PORTS

SERIES = re.compile(r"^(\w+?)(?:\{(.*)\})? ([0-9.e+]+)$", re.MULTILINE)
Series = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def series(text: str) -> Series:
    """Return the value of each series by name and labels."""
    return {
        (name, frozenset(re.findall(r'(\w+)="(.*?)"', labels))): float(value)
        for name, labels, value in SERIES.findall(text)
    }


def total(scraped: Series, name: str, **labels: str) -> float:
    """Return the sum of all series with this name and these labels."""
    return sum(value for (found, had), value in scraped.items() if found == name and labels.items() <= had)


async def ask(port: int, path: str) -> tuple[int, str]:
    """Return status and text of a response."""

    def get() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(get)


def port_of(settings: Settings, number: int) -> int:
    """Return the health port of a worker under test. `number`: as in `tests.support.service.worker`."""
    return (settings.port_base or 0) + FREE_PORTS + number


async def scrape(settings: Settings, number: int) -> str:
    """Return the metrics of a worker."""
    status, text = await ask(port_of(settings, number), "/metrics")
    assert status == 200
    return text
