"""The detector on a real broker."""

import json
import sys
import time
from dataclasses import replace

from agents.rules.state_limits import STATE_LIMITS
from app.kafka.topic_reader import read_all
from app.provisioning.topics import changelog_of
from app.settings import Settings
from tests.support.make import CARD, as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import changed, latest, producer, provision, running, send, until, verdicts_of, worker

BAD_PAYMENTS: list[bytes | None] = [
    None,
    b"",
    b"junk",
    b"null",
    b"[1]",
    b"\xff\xfe",
    b"\x00\x00\x00\x00\x01avro",
    b'{"a":1}{"b":2}',
    b'{"amount":NaN}',
    b'{"x":' + b"[" * 50_000,
    as_bytes(payment()).replace(b'"amount"', b'"amount": "1", "amount"'),
    as_bytes(payment(latitude=91)),
    as_bytes(payment(latitude="40.0")),
    as_bytes(payment(latitude=...)),
    as_bytes(payment(longitude=True)),
    as_bytes(payment(timestamp="2026-11-21T10:15:30")),
    as_bytes(payment(timestamp="2026-02-30T10:15:30Z")),
    as_bytes(payment(timestamp=1795256130250)),
    as_bytes(payment(amount="1e3")),
    as_bytes(payment(amount=-5)),
    as_bytes(payment(currency="usd")),
    as_bytes(payment(card_number=int(CARD))),
    as_bytes(payment(card_number=CARD + "x")),
    as_bytes(payment(cvv="123")),
    as_bytes(payment(device_id="another-phone")),
    as_bytes(payment(transaction_id="")),
]
BAD_PUSHES: list[bytes | None] = [
    None,
    b"",
    b"junk",
    b"{}",
    as_bytes(push(fix(latitude=-90.0001))),
    as_bytes(push(fix(longitude=180.0001))),
    as_bytes(push(fix(latitude="1"))),
    as_bytes(push(fix(at_ms=1795262400))),
    as_bytes(push(fix(at_ms=4294967296000))),
    as_bytes(push() | {"fixes": []}),
    as_bytes(push(device_id="another-phone")),
    as_bytes(push(device_id="a/b")),
    as_bytes(push()).replace(b'"latitude"', b'"latitude": 1, "latitude"'),
]


async def test_a_payment_far_from_its_phone_is_published_as_suspect(settings: Settings) -> None:
    await provision(settings)
    latitude, longitude = east_of_home(30_000)
    async with running(worker("detector", settings), folder=settings.state_dir):
        await send(settings, settings.topics.locations, ("phone-1", as_bytes(push(fix(-2), fix(-1)))))
        await until(lambda: _table_has(settings, b"phone-1"))
        there = payment(1, latitude=latitude, longitude=longitude)
        await send(
            settings, settings.topics.transactions, ("phone-1", as_bytes(there)), ("phone-1", as_bytes(payment(2)))
        )
        await until(lambda: _has(settings, 2))
    suspects = [record.value for record in await read_all(settings, settings.topics.suspects)]
    verdicts = [record.value for record in await read_all(settings, settings.topics.verdicts)]
    assert suspects == verdicts[:1]
    assert [(one["transaction_id"], one["verdict"]) for one in map(json.loads, verdicts)] == [
        ("tx-1", "suspect"),
        ("tx-2", "clear"),
    ]


async def test_a_payment_without_a_known_phone_is_answered_at_once(settings: Settings) -> None:
    await provision(settings)
    async with running(worker("detector", settings), folder=settings.state_dir):
        await send(settings, settings.topics.transactions, ("phone-1", as_bytes(payment())))
        await until(lambda: _has(settings, 1))
    assert [one["codes"] for one in await verdicts_of(settings)] == [["NO_FIX"]]


async def test_each_bad_record_is_one_dead_letter_and_its_neighbours_are_judged(settings: Settings) -> None:
    await provision(settings)
    payments, pushes = [], []
    for number, bad in enumerate(BAD_PAYMENTS):
        payments += [("phone-1", bad), ("phone-1", as_bytes(payment(number)))]
    for number, bad in enumerate(BAD_PUSHES):
        pushes += [("phone-1", bad), ("phone-1", as_bytes(push(fix(-number - 1), message_id=number)))]
    await send(settings, settings.topics.transactions, *payments, (None, as_bytes(payment(998))))
    await send(settings, settings.topics.locations, *pushes)
    bad_records = len(BAD_PAYMENTS) + len(BAD_PUSHES) + 1
    async with running(worker("detector", settings), folder=settings.state_dir):
        await until(lambda: _has(settings, len(BAD_PAYMENTS)))
        await until(lambda: _has_dead_letters(settings, bad_records))
    letters = [json.loads(record.value) for record in await read_all(settings, settings.topics.dead_letters)]
    sources = {(one["topic"], one["partition"], one["offset"]) for one in letters}
    assert len(sources) == len(letters) == bad_records
    assert {one["transaction_id"] for one in await verdicts_of(settings)} == {
        f"tx-{number}" for number in range(len(BAD_PAYMENTS))
    }
    assert CARD not in json.dumps(letters)


async def test_fausts_command_line_starts_the_detector(settings: Settings) -> None:
    await provision(settings)
    command = [sys.executable, "-m", "faust", "-A", "app.main", "worker", "-l", "info"]
    plain = replace(worker("detector", settings), argv=command)
    async with running(plain, folder=settings.state_dir) as (process,):
        await send(settings, settings.topics.transactions, ("phone-1", as_bytes(payment())))
        await until(lambda: _has(settings, 1))
        await process.stop()
        assert await process.wait() == 0


async def test_old_positions_of_a_silent_phone_leave_table_and_changelog(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    detector, now_ms = worker("detector", settings), int(time.time() * 1000)
    async with running(detector, folder=settings.state_dir), producer(settings) as phones:

        async def report(device: str, at_ms: int) -> None:
            record = as_bytes(push(*[fix(-second) for second in range(100)], device_id=device))
            await phones.send_and_wait(settings.topics.locations, record, key=device.encode(), timestamp_ms=at_ms)

        await report("phone-1", now_ms - STATE_LIMITS.positions_kept_ms)
        await until(lambda: _table_has(settings, b"phone-1"))
        full = latest(await read_all(settings, changelog_of(settings)))
        await report("phone-2", now_ms)
        await until(lambda: _table_has(settings, b"phone-2"))
    kept = latest(await read_all(settings, changelog_of(settings)))
    positions = {key for key in full if key.partition(b"\0")[0] == b"phone-1"}
    assert len(positions) > 1  # one row is written with every push, the others less often
    assert kept.keys().isdisjoint(positions)
    async with running(detector, folder=settings.state_dir):  # recovery also works after rows were deleted
        paid = [(device, as_bytes(payment(device, device_id=device))) for device in ("phone-1", "phone-2")]
        await send(settings, settings.topics.transactions, *paid)
        await until(lambda: _has(settings, 2))
    assert [one["codes"] for one in await verdicts_of(settings)] == [["NO_FIX"], ["REACHABLE"]]


async def test_event_time_advances_on_idle_partitions(settings: Settings) -> None:
    await provision(settings)
    topic = settings.topics.ticks
    async with running(worker("detector", settings), folder=settings.state_dir):
        await until(lambda: _on_every_partition(settings, topic), within_s=40)
        ticked = len(await read_all(settings, topic))
        await until(lambda: _more_than(settings, topic, ticked), within_s=40)
    assert await verdicts_of(settings) == []


async def _on_every_partition(settings: Settings, topic: str) -> bool:
    return {record.partition for record in await read_all(settings, topic)} == set(range(settings.partitions))


async def _more_than(settings: Settings, topic: str, records: int) -> bool:
    return len(await read_all(settings, topic)) > records


async def _has(settings: Settings, verdicts: int) -> bool:
    return len(await verdicts_of(settings)) >= verdicts


async def _has_dead_letters(settings: Settings, letters: int) -> bool:
    return len(await read_all(settings, settings.topics.dead_letters)) >= letters


async def _table_has(settings: Settings, key: bytes) -> bool:
    return any(record.key == key for record in await read_all(settings, changelog_of(settings)))
