"""What went in is what came out: the counters of all workers add up, and agree with what lies on the topics."""

import asyncio
import signal
import socket

import pytest

from app.kafka.topic_reader import read_all
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.ports import HOST
from deploy.local.process import LocalProcess
from schemas.verdict import encode_verdict
from tests.support.isolation import broker_apart
from tests.support.make import as_bytes, payment, verdict
from tests.support.scrape import Series, ask, port_of, scrape, series, total
from tests.support.service import Load, changed, producer, provision, running, send, until, worker


async def told(settings: Settings, number: int = 0) -> Series:
    return series(await scrape(settings, number))


def records(told: Series, topic: str) -> float:
    return total(told, "geovelocity_records_total", topic=topic)


def outcomes(told: Series, topic: str, **labels: str) -> float:
    return total(told, "geovelocity_outcomes_total", topic=topic, **labels)


async def test_every_record_that_went_in_is_accounted_for(settings: Settings) -> None:
    await provision(settings)
    topics, load = settings.topics, Load(settings)
    workers = (worker("detector", settings, 0), worker("mongo", settings, 1), worker("elastic", settings, 2))
    async with running(*workers, folder=settings.state_dir):
        await load.run(seconds=2)
        again = payment(5, device_id="phone-5")
        bad = [("phone-1", b"junk"), (None, as_bytes(payment(1))), ("phone-1", None)]
        await send(settings, topics.transactions, ("phone-5", as_bytes(again)), ("phone-5", as_bytes(again)), *bad)
        await send(settings, topics.locations, ("phone-1", b"[]"), ("phone-2", b""))
        await send(settings, topics.verdicts, ("phone-1", b"no verdict"))
        wanted = {name: len(await read_all(settings, name)) for name in (topics.transactions, topics.locations)}

        async def all_counted() -> bool:
            seen = await told(settings)
            return all(records(seen, name) == number for name, number in wanted.items())

        await until(all_counted)
        seen = await told(settings)
        for name in (*wanted, topics.ticks):
            assert outcomes(seen, name) == records(seen, name)
            assert total(seen, "geovelocity_lag_records", topic=name) == 0
        for name, number in wanted.items():
            assert total(seen, "geovelocity_position", topic=name) == number
        assert total(seen, "geovelocity_dead_letters_total", topic=topics.transactions, code="not-json") == 1
        assert outcomes(seen, topics.transactions, outcome="repeated") == 2
        assert total(seen, "geovelocity_verdicts_total", status="provisional") > 0
        assert total(seen, "geovelocity_ready") == 1

        async def all_stored(number: int) -> bool:
            published = {name: len(await read_all(settings, name)) for name in (topics.verdicts, topics.suspects)}
            seen = await told(settings, number)
            return all(
                records(seen, name) == outcomes(seen, name) == lies_there for name, lies_there in published.items()
            )

        await until(lambda: all_stored(1))
        await until(lambda: all_stored(2))
        assert total(await told(settings, 1), "geovelocity_outcomes_total", outcome="stale") == 0
        assert total(await told(settings, 2), "geovelocity_outcomes_total", outcome="stale") == 0


@pytest.mark.parametrize("store", ["mongo", "elastic"])
async def test_what_was_stored_before_a_crash_is_stale_when_it_is_delivered_again(
    settings: Settings, store: str
) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    topic, wanted = settings.topics.verdicts, 5
    await send_verdicts(settings, wanted)
    killed = worker(store, settings, 0, environment={"GEOVELOCITY_FAILPOINT": "delivered"})
    first = LocalProcess(killed, settings.state_dir)
    first.start()
    assert await asyncio.wait_for(first.wait(), 60) == 137
    async with running(worker(store, settings, 1), folder=settings.state_dir):
        await until(lambda: _done(settings, 1, topic, wanted))
        seen = await told(settings, 1)
        assert outcomes(seen, topic, outcome="stale") > 0
        assert outcomes(seen, topic) == records(seen, topic) == wanted


async def test_a_sink_that_is_stopped_in_the_middle_of_a_slice_leaves_nothing_to_be_delivered_twice(
    settings: Settings,
) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    topic, wanted = settings.topics.verdicts, 10_000
    await send_verdicts(settings, wanted)
    async with running(worker("elastic", settings, 0), folder=settings.state_dir) as (first,):
        await until(lambda: _done(settings, 0, topic, 1), poll_s=0.02)
        first.signal(signal.SIGTERM)
        assert await asyncio.wait_for(first.wait(), 30) == 0
    async with running(worker("elastic", settings, 1), folder=settings.state_dir):
        left = wanted - int(total(await told(settings, 1), "geovelocity_position", topic=topic))
        assert left > 0
        await until(lambda: _stands_at(settings, 1, topic, wanted))
        seen = await told(settings, 1)
        assert outcomes(seen, topic, outcome="stored") == records(seen, topic) < wanted
        assert outcomes(seen, topic, outcome="stale") == 0


async def test_a_worker_answers_while_the_broker_it_starts_with_says_nothing(settings: Settings) -> None:
    with socket.create_server((HOST, 0)) as mute:  # connections are made, and nobody ever reads from them
        waits = changed(settings, kafka_bootstrap=f"{HOST}:{mute.getsockname()[1]}")
        process = LocalProcess(worker("detector", waits), settings.state_dir)
        process.start()
        try:
            await until(lambda: _answers(settings), within_s=30)
            assert await ask(port_of(settings, 0), "/livez") == (200, "live")
            status, why = await ask(port_of(settings, 0), "/readyz")
            assert (status, why.startswith(f"waiting for Kafka at {waits.kafka} ")) == (503, True)
            assert records(await told(settings), settings.topics.locations) == 0
        finally:
            await process.stop()


async def test_a_worker_answers_while_its_broker_is_away(settings: Settings) -> None:
    async with broker_apart(settings) as broker:
        apart = broker.settings
        await broker.start()
        await create_topics(apart)
        async with running(worker("detector", apart), folder=apart.state_dir) as (detector,):
            await send(apart, apart.topics.transactions, ("phone-1", as_bytes(payment(1))))
            await until(lambda: _done(apart, 0, apart.topics.transactions, 1))
            broker.kill()
            await until(lambda: _says(apart, f"Kafka at {apart.kafka} has not answered for "))
            assert await ask(port_of(apart, 0), "/livez") == (200, "live")
            seen = await told(apart)
            assert (total(seen, "geovelocity_ready"), records(seen, apart.topics.transactions)) == (0, 1)
            detector.kill()


async def send_verdicts(settings: Settings, count: int) -> None:
    """So many, all to one partition."""
    async with producer(settings) as opened:
        topic = settings.topics.verdicts
        sent = [await opened.send(topic, encode_verdict(verdict(number)), key=b"phone-1") for number in range(count)]
        await asyncio.gather(*sent)


async def _done(settings: Settings, number: int, topic: str, wanted: int) -> bool:
    return records(await told(settings, number), topic) >= wanted


async def _stands_at(settings: Settings, number: int, topic: str, wanted: int) -> bool:
    return total(await told(settings, number), "geovelocity_position", topic=topic) == wanted


async def _says(settings: Settings, why: str) -> bool:
    """It is not ready, and says so."""
    status, text = await ask(port_of(settings, 0), "/readyz")
    return status == 503 and text.startswith(why)


async def _answers(settings: Settings) -> bool:
    try:
        await scrape(settings, 0)
    except OSError:
        return False
    return True
