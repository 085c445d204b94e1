"""`geovelocity retention`, as whoever runs it daily runs it."""

import asyncio
import time

import pytest
from click.testing import CliRunner

from app.cli import geovelocity
from app.errors import SettingsError
from app.settings import Settings, as_environment
from app.sinks.base import Dataset
from app.topology import SINKS
from schemas.json.timestamps import format_us
from tests.support.make import feedback, verdict
from tests.support.service import changed

DAYS = 40


async def store(settings: Settings) -> None:
    """A payment of now, one that is kept for its month, and two of long ago, on every shelf of both stores."""
    now_us = round(time.time()) * 1_000_000
    times = [format_us(now_us - days * 86_400_000_000) for days in (0, DAYS - 1, DAYS + 32, 400)]
    for copier in SINKS:
        sink = copier.store(settings)
        await sink.prepare()
        for shelf in Dataset:
            make = feedback if shelf is Dataset.FEEDBACK else verdict
            await sink.store(shelf, [make(number, timestamp=time_) for number, time_ in enumerate(times)])
        await sink.close()


async def kept(settings: Settings) -> set[int]:
    counts = set()
    for copier in SINKS:
        sink = copier.store(settings)
        counts |= {await sink.count(shelf) for shelf in Dataset}
        await sink.close()
    return counts


def test_older_documents_are_deleted_from_every_dataset_of_both_stores(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in as_environment(changed(settings, retention_days=DAYS)).items():
        monkeypatch.setenv(name, value)
    asyncio.run(store(settings))
    told = [CliRunner().invoke(geovelocity, ["retention"], catch_exceptions=False).output for _ in range(2)]
    assert [text.count(" 2 documents deleted") for text in told] == [2 * len(Dataset), 0]
    assert [text.count(" 0 documents deleted") for text in told] == [0, 2 * len(Dataset)]
    assert asyncio.run(kept(settings)) == {2}


def test_without_a_retention_time_the_command_reports_and_deletes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    asyncio.run(store(settings))
    with pytest.raises(SettingsError, match="nothing was deleted: set GEOVELOCITY_RETENTION_DAYS"):
        CliRunner().invoke(geovelocity, ["retention"], catch_exceptions=False)
    assert asyncio.run(kept(settings)) == {4}
