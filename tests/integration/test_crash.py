"""Workers killed, stopped and joined under load: each payment has one verdict and the table is correct."""

import asyncio
import random

import pytest

from app.settings import Settings
from deploy.local.process import LocalProcess
from tests.support.seeds import seed_of_test
from tests.support.service import (
    Load,
    assert_each_payment_has_one_answer,
    assert_stores_hold_each_payment_once,
    assert_table_is_fold_of_input,
    provision,
    running,
    until,
    worker,
)


@pytest.mark.timeout(420)
async def test_repeated_kills_lose_and_duplicate_no_verdict(settings: Settings) -> None:
    await provision(settings)
    seed = seed_of_test(20261201)
    load, chance, kills = Load(settings), random.Random(seed), 6
    commands = (
        worker("detector", settings, 0, restart=True),
        worker("mongo", settings, 1),
        worker("elastic", settings, 2),
    )
    async with running(*commands, folder=settings.state_dir) as (detector, *_):
        loading = asyncio.create_task(load.run(seconds=kills * 5))
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.5, 4.0))
            await until(lambda: _alive(detector))  # it may still be starting, which is as good a moment as any
            detector.kill()
        await loading
        await until(load.all_answered, within_s=90)
        await assert_stores_hold_each_payment_once(settings, load.stolen)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=True)
    await assert_table_is_fold_of_input(settings)


@pytest.mark.parametrize("failpoint", ["folded", "rows-durable", "outputs-durable"])
async def test_a_crash_between_two_steps_of_a_batch_loses_nothing(settings: Settings, failpoint: str) -> None:
    await provision(settings)
    load = Load(settings)
    doomed = worker("detector", settings, 0, environment={"GEOVELOCITY_FAILPOINT": f"{failpoint}:20"})
    async with running(doomed, folder=settings.state_dir) as (first,):
        loading = asyncio.create_task(load.run(seconds=4))
        assert await asyncio.wait_for(first.wait(), 60) == 137
        async with running(worker("detector", settings, 1), folder=settings.state_dir):
            await loading
            await until(load.all_answered)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=True)
    await assert_table_is_fold_of_input(settings)


async def test_a_sigterm_under_load_loses_and_repeats_no_verdict(settings: Settings) -> None:
    await provision(settings)
    load = Load(settings)
    loading = asyncio.create_task(load.run(seconds=14))
    for _ in range(2):
        async with running(worker("detector", settings), folder=settings.state_dir) as (detector,):
            await asyncio.sleep(2)
            assert await _stopped(detector) == 0
    async with running(worker("detector", settings), folder=settings.state_dir):
        await loading
        await until(load.all_answered)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=False)
    await assert_table_is_fold_of_input(settings)


@pytest.mark.timeout(420)
async def test_a_second_worker_that_joins_and_leaves_changes_no_verdict(settings: Settings) -> None:
    await provision(settings)
    load = Load(settings)
    stores = (worker("mongo", settings, 2), worker("elastic", settings, 3))
    async with running(worker("detector", settings, 0), *stores, folder=settings.state_dir) as (detector, *_):
        loading = asyncio.create_task(load.run(seconds=30))
        for _ in range(2):
            await asyncio.sleep(2)
            async with running(worker("detector", settings, 1), folder=settings.state_dir) as (second,):
                await asyncio.sleep(3)
                assert second.running
                assert await _stopped(second) == 0
        await loading
        await until(load.all_answered)
        assert detector.running
        await assert_stores_hold_each_payment_once(settings, load.stolen)
    await assert_each_payment_has_one_answer(settings, load.stolen, crashed=False)
    await assert_table_is_fold_of_input(settings)


async def _alive(process: LocalProcess) -> bool:
    return process.alive


async def _stopped(process: LocalProcess) -> int:
    await process.stop()
    return await process.wait()
