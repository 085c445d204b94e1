"""A rotation of the masking key under load: no verdict is lost or duplicated, and both keys are in use."""

import asyncio
import signal
from collections import Counter

import pytest

from app.kafka.topic_reader import read_all
from app.security.masking_keys import new_key
from app.settings import Settings
from app.simulate.reconciliation import reconcile_when_idle
from app.sinks.base import Dataset
from tests.support.keys import write_keys
from tests.support.make import as_bytes, payment
from tests.support.phone import east_of_home
from tests.support.service import (
    Load,
    assert_each_payment_has_one_answer,
    changed,
    provision,
    running,
    send,
    until,
    verdicts_of,
    worker,
)

OLD, NEW = map(new_key, ("k1", "k2"))


@pytest.mark.timeout(420)
async def test_a_key_rotation_under_load_loses_and_duplicates_no_verdict(settings: Settings) -> None:
    file = settings.state_dir / "keys"
    write_keys(file, OLD)
    settings = changed(settings, keys_file=file)
    await provision(settings)
    load = Load(settings)
    commands = (
        worker("detector", settings, 0),
        worker("detector", settings, 1),
        worker("mongo", settings, 2),
        worker("elastic", settings, 3),
    )
    async with running(*commands, folder=settings.state_dir) as (first, second, *_):
        loading = asyncio.create_task(load.run(seconds=14))
        await asyncio.sleep(3)
        write_keys(file, OLD, NEW)  # all processes recognise the new key before one writes with it
        await asyncio.sleep(4)
        write_keys(file, NEW, OLD)
        first.signal(signal.SIGHUP)  # the other worker checks the file on its own
        await asyncio.sleep(3)
        repeated = (await read_all(settings, settings.topics.transactions))[:200]
        records = [(record.key.decode(), record.value) for record in repeated]
        await send(settings, settings.topics.transactions, *records)
        await loading
        paid = dict(load.stolen)
        latitude, longitude = east_of_home(20)
        last = payment("last", device_id="phone-0", latitude=latitude, longitude=longitude)
        await send(settings, settings.topics.transactions, ("phone-0", as_bytes(last)))
        paid["tx-last"] = False
        await until(lambda: _answered(settings, paid), within_s=90)
        verdicts = await reconcile_when_idle(settings, Dataset.VERDICTS, len(paid), within_s=60)
        accused = {one["id"] for one in await verdicts_of(settings) if one["verdict"] == "suspect"}
        suspects = await reconcile_when_idle(settings, Dataset.SUSPECTS, len(accused), within_s=60)
        assert "masking keys reloaded: active k2, recognised: k1" in first.log.read_text(encoding="utf-8")
        assert "masking keys reloaded: active k2, recognised: k1" in second.log.read_text(encoding="utf-8")
    await assert_each_payment_has_one_answer(settings, paid, crashed=False)
    assert (verdicts.unequal, suspects.unequal, verdicts.doubled) == ([], [], 0)
    for documents in verdicts.stores.values():
        assert sorted(one["transaction_id"] for one in documents.values()) == sorted(paid)
    assert suspects.stores["mongo"].keys() == accused
    by_key = Counter(id_.split("_")[1] for id_ in verdicts.stores["mongo"])
    print(f"documents by key: {dict(by_key)}")
    assert by_key.keys() == {"k1", "k2"}
    assert min(by_key.values()) > 100


async def _answered(settings: Settings, paid: dict[str, bool]) -> bool:
    return {one["transaction_id"] for one in await verdicts_of(settings)} >= paid.keys()
