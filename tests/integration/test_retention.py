"""`geovelocity retention`, as a daily job runs it."""

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
    """Store four documents in every dataset of both stores: two within the retention time and two beyond it."""
    now_us = round(time.time()) * 1_000_000
    times = [format_us(now_us - days * 86_400_000_000) for days in (0, DAYS - 1, DAYS + 32, 400)]
    for app in SINKS:
        sink = app.store(settings)
        await sink.prepare()
        for dataset in Dataset:
            make = feedback if dataset is Dataset.FEEDBACK else verdict
            await sink.store(dataset, [make(number, timestamp=time_) for number, time_ in enumerate(times)])
        await sink.close()


async def counts(settings: Settings) -> set[int]:
    found = set()
    for app in SINKS:
        sink = app.store(settings)
        found |= {await sink.count(dataset) for dataset in Dataset}
        await sink.close()
    return found


def test_older_documents_are_deleted_from_every_dataset_of_both_stores(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in as_environment(changed(settings, retention_days=DAYS)).items():
        monkeypatch.setenv(name, value)
    asyncio.run(store(settings))
    outputs = [CliRunner().invoke(geovelocity, ["retention"], catch_exceptions=False).output for _ in range(2)]
    assert [text.count(" 2 documents deleted") for text in outputs] == [2 * len(Dataset), 0]
    assert [text.count(" 0 documents deleted") for text in outputs] == [0, 2 * len(Dataset)]
    assert asyncio.run(counts(settings)) == {2}


def test_without_a_retention_time_the_command_reports_and_deletes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    asyncio.run(store(settings))
    with pytest.raises(SettingsError, match="nothing was deleted: set GEOVELOCITY_RETENTION_DAYS"):
        CliRunner().invoke(geovelocity, ["retention"], catch_exceptions=False)
    assert asyncio.run(counts(settings)) == {4}
