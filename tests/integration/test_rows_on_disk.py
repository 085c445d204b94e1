"""Workers with rows on disk: kills, rebalances, damaged files and erasures. The changelog stays authoritative."""

import asyncio
import json
import random
import shutil
from pathlib import Path

import pytest

from app.kafka.client import kafka_admin
from app.kafka.topic_reader import read_all
from app.provisioning.topics import changelog_of, create_topics
from app.settings import Settings
from app.settings.state import state_store_dir
from app.stream.safety.fail_stop import ExitCode
from app.stream.state.rocksdb_backend import RocksDBBackend
from deploy.local.process import Command, LocalProcess
from schemas.erasure import ErasureRequest, encode_request
from tests.support.make import as_bytes, fix, push
from tests.support.seeds import seed_of_test
from tests.support.service import (
    Load,
    assert_each_payment_has_one_answer,
    assert_table_is_fold_of_input,
    changed,
    latest,
    running,
    send,
    until,
    worker,
)


def detector(
    settings: Settings, number: int = 0, *, restart: bool = False, failpoint: str = "", beside: int | None = None
) -> Command:
    """Return a detector whose state folder survives its restarts. `beside`: use the folder of that worker."""
    own_number = number if beside is None else beside
    own = changed(settings, table_store="rocksdb", state_dir=settings.state_dir / f"worker-{own_number}")
    own.state_dir.mkdir(exist_ok=True)
    environment = {"GEOVELOCITY_FAILPOINT": failpoint} if failpoint else {}
    return worker("detector", own, number, restart=restart, environment=environment)


def folder(settings: Settings, number: int = 0) -> Path:
    (found,) = state_store_dir(settings.state_dir / f"worker-{number}").iterdir()
    return found


def offsets_at_start(process: LocalProcess) -> str:
    """Return Faust's log of the offsets at which the last start reads the changelog."""
    return process.log.read_text(encoding="utf-8").rpartition("Reading Starts At")[2]


async def ended(process: LocalProcess) -> int:
    """Start a process that ends by itself and return its exit code."""
    process.start()
    try:
        return await asyncio.wait_for(process.wait(), 90)
    finally:
        await process.stop()


async def _alive(process: LocalProcess) -> bool:
    return process.alive


@pytest.mark.timeout(420)
async def test_repeated_kills_lose_and_duplicate_no_verdict(settings: Settings) -> None:
    await create_topics(settings)
    seed = seed_of_test(20261201)
    load, chance, kills = Load(settings), random.Random(seed), 5
    async with running(detector(settings, restart=True), folder=settings.state_dir) as (process,):
        loading = asyncio.create_task(load.run(seconds=kills * 5))
        for kill in range(kills):
            await asyncio.sleep(chance.uniform(0.5, 4.0))
            await until(lambda: _alive(process))
            if kill == 3:  # delete half of its files as well
                for gone in (0, 1):
                    shutil.rmtree(folder(settings) / str(gone), ignore_errors=True)
            process.kill()
        await loading
        await until(load.all_answered, within_s=90)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=True)
    await assert_table_is_fold_of_input(settings)


@pytest.mark.parametrize("failpoint", ["rows-durable", "reached", "recovering"])
async def test_a_crash_between_two_steps_loses_nothing(settings: Settings, failpoint: str) -> None:
    await create_topics(settings)
    load = Load(settings)
    loading = asyncio.create_task(load.run(seconds=6))
    if failpoint == "recovering":  # it needs rows to recover
        async with running(detector(settings), folder=settings.state_dir) as (first,):
            await asyncio.sleep(2)
            first.kill()
            await first.wait()
        shutil.rmtree(folder(settings) / "0")
    doomed = LocalProcess(
        detector(settings, failpoint=f"{failpoint}:{1 if failpoint == 'recovering' else 3}"), settings.state_dir
    )
    assert await ended(doomed) == 137
    async with running(detector(settings), folder=settings.state_dir):
        await loading
        await until(load.all_answered)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=True)
    await assert_table_is_fold_of_input(settings)


@pytest.mark.timeout(420)
async def test_a_partition_assigned_again_has_the_changes_of_its_other_owner(settings: Settings) -> None:
    await create_topics(settings)
    load = Load(settings)
    async with running(detector(settings, 0), folder=settings.state_dir) as (first,):
        loading = asyncio.create_task(load.run(seconds=24))
        for _ in range(2):
            await asyncio.sleep(2)
            async with running(detector(settings, 1), folder=settings.state_dir) as (second,):
                await asyncio.sleep(3)
                await second.stop()
                assert await second.wait() == 0
        await loading
        await until(load.all_answered)
        assert first.running
        assert "from the changelog again" not in first.log.read_text(encoding="utf-8")
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=False)
    await assert_table_is_fold_of_input(settings)


async def test_a_restart_reads_only_damaged_rows_from_the_changelog(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await create_topics(settings)
    load = Load(settings)
    async with running(detector(settings), folder=settings.state_dir):
        await load.run(seconds=2)
        await until(load.all_answered)
    end = max(record.offset for record in await read_all(settings, changelog_of(settings)))
    async with running(detector(settings, failpoint="recovering:1"), folder=settings.state_dir) as (process,):
        assert str(end) in offsets_at_start(process), "it recovered records"
    (folder(settings) / "0" / "CURRENT").write_text("nothing")
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        log = process.log.read_text(encoding="utf-8")
        assert "rows of partition 0 are read from the changelog again" in log
        await load.run(seconds=1)
        await until(load.all_answered)
    await assert_table_is_fold_of_input(settings)


async def test_a_second_worker_in_a_folder_gets_an_error_with_a_remedy(settings: Settings) -> None:
    await create_topics(settings)
    async with running(detector(settings), folder=settings.state_dir):
        second = LocalProcess(detector(settings, 1, beside=0), settings.state_dir)
        assert await ended(second) == ExitCode.CONFIGURATION
        last = json.loads(second.log.read_text(encoding="utf-8").splitlines()[-1])
        assert "give each worker of a machine a GEOVELOCITY_STATE_DIR of its own" in last["message"]


async def test_a_recreated_changelog_overrides_the_files(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await create_topics(settings)
    load = Load(settings)
    async with running(detector(settings), folder=settings.state_dir):
        await load.run(seconds=1)
        await until(load.all_answered)
    async with kafka_admin(settings) as admin:
        await admin.delete_topics([changelog_of(settings)])
    await until(lambda: _recreated(settings))
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        assert "they are newer than the changelog" in process.log.read_text(encoding="utf-8")


async def test_an_erased_device_is_not_in_the_files(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await create_topics(settings)
    phones = [(f"phone-{number}", as_bytes(push(fix(0), device_id=f"phone-{number}"))) for number in (1, 2)]
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        await send(settings, settings.topics.locations, *phones)
        await until(lambda: _has_only(settings, b"phone-1", b"phone-2"))
        await send(settings, settings.topics.erasures, ("phone-1", encode_request(ErasureRequest("phone-1"))))
        await until(lambda: _has_only(settings, b"phone-2"))
        process.kill()
        await process.wait()
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        await process.stop()
    files = RocksDBBackend(folder(settings), 32 << 20)
    files.lock((folder(settings) / "lock").read_text(encoding="utf-8"))
    assert [key for key in files.open(0) if key.startswith(b"phone")] == [b"phone-2"]
    await files.close_all()


async def _has_only(settings: Settings, *devices: bytes) -> bool:
    """Return whether the table contains exactly these devices."""
    rows = latest(await read_all(settings, changelog_of(settings)))
    return {key for key in rows if key.startswith(b"phone")} == set(devices)


async def _recreated(settings: Settings) -> bool:
    """Create the topics. False: the broker has not deleted the old changelog yet."""
    return changelog_of(settings) in await create_topics(settings)
