"""What a worker of a test says of itself."""

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
    """By name and labels, the value."""
    return {
        (name, frozenset(re.findall(r'(\w+)="(.*?)"', labels))): float(value)
        for name, labels, value in SERIES.findall(text)
    }


def total(told: Series, name: str, **labels: str) -> float:
    """The sum of all series of that name that have these labels."""
    return sum(value for (found, had), value in told.items() if found == name and labels.items() <= had)


async def ask(port: int, path: str) -> tuple[int, str]:
    """Status and text of an answer."""

    def get() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(get)


def port_of(settings: Settings, number: int) -> int:
    """Where a worker of a test listens; `number`: as in `tests.support.service.worker`."""
    return (settings.port_base or 0) + FREE_PORTS + number


async def scrape(settings: Settings, number: int) -> str:
    """What it answers to Prometheus."""
    status, text = await ask(port_of(settings, number), "/metrics")
    assert status == 200
    return text
