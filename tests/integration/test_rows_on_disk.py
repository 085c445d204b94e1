"""Workers that keep their rows on disk: killed, handed over, spoilt, forgotten; the changelog stays the truth."""

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
    """One with a state folder of its own, which it finds again when it is started anew; or with that of another."""
    own_number = number if beside is None else beside
    own = changed(settings, table_store="rocksdb", state_dir=settings.state_dir / f"worker-{own_number}")
    own.state_dir.mkdir(exist_ok=True)
    environment = {"GEOVELOCITY_FAILPOINT": failpoint} if failpoint else {}
    return worker("detector", own, number, restart=restart, environment=environment)


def folder(settings: Settings, number: int = 0) -> Path:
    (found,) = state_store_dir(settings.state_dir / f"worker-{number}").iterdir()
    return found


def offsets_at_start(process: LocalProcess) -> str:
    """What Faust says of where it begins to read the changelog, at the last start."""
    return process.log.read_text(encoding="utf-8").rpartition("Reading Starts At")[2]


async def ended(process: LocalProcess) -> int:
    """The exit code of one that is started to end by itself."""
    process.start()
    try:
        return await asyncio.wait_for(process.wait(), 90)
    finally:
        await process.stop()


async def _alive(process: LocalProcess) -> bool:
    return process.alive


@pytest.mark.timeout(420)
async def test_nothing_is_lost_or_doubled_when_it_is_killed_again_and_again(settings: Settings) -> None:
    await create_topics(settings)
    seed = seed_of_test(20261201)
    load, chance, kills = Load(settings), random.Random(seed), 5
    async with running(detector(settings, restart=True), folder=settings.state_dir) as (process,):
        loading = asyncio.create_task(load.run(seconds=kills * 5))
        for kill in range(kills):
            await asyncio.sleep(chance.uniform(0.5, 4.0))
            await until(lambda: _alive(process))
            if kill == 3:  # half of its files are gone as well
                for gone in (0, 1):
                    shutil.rmtree(folder(settings) / str(gone), ignore_errors=True)
            process.kill()
        await loading
        await until(load.all_answered, within_s=90)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=True)
    await assert_table_is_fold_of_input(settings)


@pytest.mark.parametrize("place", ["rows-durable", "reached", "recovering"])
async def test_a_crash_between_any_two_steps_is_made_good(settings: Settings, place: str) -> None:
    await create_topics(settings)
    load = Load(settings)
    loading = asyncio.create_task(load.run(seconds=6))
    if place == "recovering":  # with something to recover
        async with running(detector(settings), folder=settings.state_dir) as (first,):
            await asyncio.sleep(2)
            first.kill()
            await first.wait()
        shutil.rmtree(folder(settings) / "0")
    doomed = LocalProcess(
        detector(settings, failpoint=f"{place}:{1 if place == 'recovering' else 3}"), settings.state_dir
    )
    assert await ended(doomed) == 137
    async with running(detector(settings), folder=settings.state_dir):
        await loading
        await until(load.all_answered)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=True)
    await assert_table_is_fold_of_input(settings)


@pytest.mark.timeout(420)
async def test_a_partition_that_comes_back_is_caught_up_whoever_had_it_meanwhile(settings: Settings) -> None:
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
        assert "anew" not in first.log.read_text(encoding="utf-8")
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=False)
    await assert_table_is_fold_of_input(settings)


async def test_after_a_stop_nothing_is_read_again_and_what_is_spoilt_is_read_from_the_changelog(
    settings: Settings,
) -> None:
    settings = changed(settings, partitions=1)
    await create_topics(settings)
    load = Load(settings)
    async with running(detector(settings), folder=settings.state_dir):
        await load.run(seconds=2)
        await until(load.all_answered)
    end = max(record.offset for record in await read_all(settings, changelog_of(settings)))
    async with running(detector(settings, failpoint="recovering:1"), folder=settings.state_dir) as (process,):
        assert str(end) in offsets_at_start(process), "it has not recovered a single record"
    (folder(settings) / "0" / "CURRENT").write_text("nothing")
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        log = process.log.read_text(encoding="utf-8")
        assert "rows of partition 0 are read from the changelog anew" in log
        await load.run(seconds=1)
        await until(load.all_answered)
    await assert_table_is_fold_of_input(settings)


async def test_two_workers_in_one_folder_is_refused_with_what_to_do(settings: Settings) -> None:
    await create_topics(settings)
    async with running(detector(settings), folder=settings.state_dir):
        second = LocalProcess(detector(settings, 1, beside=0), settings.state_dir)
        assert await ended(second) == ExitCode.CONFIGURATION
        last = json.loads(second.log.read_text(encoding="utf-8").splitlines()[-1])
        assert "give each worker of a machine a GEOVELOCITY_STATE_DIR of its own" in last["message"]


async def test_a_changelog_that_was_made_anew_is_believed_and_not_the_files(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await create_topics(settings)
    load = Load(settings)
    async with running(detector(settings), folder=settings.state_dir):
        await load.run(seconds=1)
        await until(load.all_answered)
    async with kafka_admin(settings) as admin:
        await admin.delete_topics([changelog_of(settings)])
    await until(lambda: _made(settings))
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        assert "the changelog ends before them" in process.log.read_text(encoding="utf-8")


async def test_a_device_that_was_forgotten_is_not_in_the_files_either(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await create_topics(settings)
    phones = [(f"phone-{number}", as_bytes(push(fix(0), device_id=f"phone-{number}"))) for number in (1, 2)]
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        await send(settings, settings.topics.locations, *phones)
        await until(lambda: _knows(settings, b"phone-1", b"phone-2"))
        await send(settings, settings.topics.erasures, ("phone-1", encode_request(ErasureRequest("phone-1"))))
        await until(lambda: _knows(settings, b"phone-2"))
        process.kill()
        await process.wait()
    async with running(detector(settings), folder=settings.state_dir) as (process,):
        await process.stop()
    files = RocksDBBackend(folder(settings), 32 << 20)
    files.lock((folder(settings) / "lock").read_text(encoding="utf-8"))
    assert [key for key in files.open(0) if key.startswith(b"phone")] == [b"phone-2"]
    await files.close_all()


async def _knows(settings: Settings, *devices: bytes) -> bool:
    """These alone are in the table."""
    rows = latest(await read_all(settings, changelog_of(settings)))
    return {key for key in rows if key.startswith(b"phone")} == set(devices)


async def _made(settings: Settings) -> bool:
    """Deleting takes the broker a moment."""
    return changelog_of(settings) in await create_topics(settings)
