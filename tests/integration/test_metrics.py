"""The counters of all workers add up, and agree with the topics."""

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
from tests.support.isolation import isolated_broker
from tests.support.make import as_bytes, payment, verdict
from tests.support.scrape import Series, ask, port_of, scrape, series, total
from tests.support.service import Load, changed, producer, provision, running, send, until, worker


async def scraped(settings: Settings, number: int = 0) -> Series:
    return series(await scrape(settings, number))


def records(found: Series, topic: str) -> float:
    return total(found, "geovelocity_records_total", topic=topic)


def outcomes(found: Series, topic: str, **labels: str) -> float:
    return total(found, "geovelocity_outcomes_total", topic=topic, **labels)


async def test_every_input_record_has_an_outcome(settings: Settings) -> None:
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
            seen = await scraped(settings)
            return all(records(seen, name) == number for name, number in wanted.items())

        await until(all_counted)
        seen = await scraped(settings)
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
            seen = await scraped(settings, number)
            return all(records(seen, name) == outcomes(seen, name) == count for name, count in published.items())

        await until(lambda: all_stored(1))
        await until(lambda: all_stored(2))
        assert total(await scraped(settings, 1), "geovelocity_outcomes_total", outcome="stale") == 0
        assert total(await scraped(settings, 2), "geovelocity_outcomes_total", outcome="stale") == 0


@pytest.mark.parametrize("store", ["mongo", "elastic"])
async def test_a_document_stored_before_a_crash_is_stale_when_written_again(settings: Settings, store: str) -> None:
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
        seen = await scraped(settings, 1)
        assert outcomes(seen, topic, outcome="stale") > 0
        assert outcomes(seen, topic) == records(seen, topic) == wanted


async def test_a_sink_that_stops_inside_a_batch_writes_no_document_twice(
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
        left = wanted - int(total(await scraped(settings, 1), "geovelocity_position", topic=topic))
        assert left > 0
        await until(lambda: _has_position(settings, 1, topic, wanted))
        seen = await scraped(settings, 1)
        assert outcomes(seen, topic, outcome="stored") == records(seen, topic) < wanted
        assert outcomes(seen, topic, outcome="stale") == 0


async def test_a_worker_answers_health_checks_while_its_broker_is_mute(settings: Settings) -> None:
    with socket.create_server((HOST, 0)) as mute:  # accepts connections and never reads from them
        waiting = changed(settings, kafka_bootstrap=f"{HOST}:{mute.getsockname()[1]}")
        process = LocalProcess(worker("detector", waiting), settings.state_dir)
        process.start()
        try:
            await until(lambda: _answers(settings), within_s=30)
            assert await ask(port_of(settings, 0), "/livez") == (200, "live")
            status, why = await ask(port_of(settings, 0), "/readyz")
            assert (status, why.startswith(f"waiting for Kafka at {waiting.kafka} ")) == (503, True)
            assert records(await scraped(settings), settings.topics.locations) == 0
        finally:
            await process.stop()


async def test_a_worker_answers_health_checks_while_its_broker_is_down(settings: Settings) -> None:
    async with isolated_broker(settings) as broker:
        isolated = broker.settings
        await broker.start()
        await create_topics(isolated)
        async with running(worker("detector", isolated), folder=isolated.state_dir) as (detector,):
            await send(isolated, isolated.topics.transactions, ("phone-1", as_bytes(payment(1))))
            await until(lambda: _done(isolated, 0, isolated.topics.transactions, 1))
            broker.kill()
            await until(lambda: _reports(isolated, f"Kafka at {isolated.kafka} has not answered for "))
            assert await ask(port_of(isolated, 0), "/livez") == (200, "live")
            seen = await scraped(isolated)
            assert (total(seen, "geovelocity_ready"), records(seen, isolated.topics.transactions)) == (0, 1)
            detector.kill()


async def send_verdicts(settings: Settings, count: int) -> None:
    """Send this many verdicts to one partition."""
    async with producer(settings) as opened:
        topic = settings.topics.verdicts
        sent = [await opened.send(topic, encode_verdict(verdict(number)), key=b"phone-1") for number in range(count)]
        await asyncio.gather(*sent)


async def _done(settings: Settings, number: int, topic: str, wanted: int) -> bool:
    return records(await scraped(settings, number), topic) >= wanted


async def _has_position(settings: Settings, number: int, topic: str, wanted: int) -> bool:
    return total(await scraped(settings, number), "geovelocity_position", topic=topic) == wanted


async def _reports(settings: Settings, why: str) -> bool:
    """Return whether the worker reports that it is not ready for this reason."""
    status, text = await ask(port_of(settings, 0), "/readyz")
    return status == 503 and text.startswith(why)


async def _answers(settings: Settings) -> bool:
    try:
        await scrape(settings, 0)
    except OSError:
        return False
    return True
