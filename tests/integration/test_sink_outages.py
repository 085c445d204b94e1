"""An outage of one store stops neither the other sink nor the detector, and no record is lost."""

import asyncio
import json
import signal
from collections.abc import Iterable

from app.kafka.topic_reader import read_all
from app.local.ports import reserved_ports
from app.settings import Settings
from app.sinks.base import Dataset, Sink
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from deploy.local import mongo
from deploy.local.process import LocalProcess
from deploy.local.stack import Stack
from schemas.verdict import encode_verdict
from tests.support.make import verdict
from tests.support.service import (
    Load,
    assert_stores_hold_each_payment_once,
    changed,
    provision,
    running,
    send,
    until,
    worker,
)


async def stored(sink: Sink, wanted: int) -> bool:
    return await sink.count(Dataset.VERDICTS) >= wanted


async def _all_stored(sinks: Iterable[Sink], wanted: int) -> bool:
    return all([await stored(sink, wanted) for sink in sinks])


async def test_a_store_outage_delays_no_other_app_and_the_store_catches_up(settings: Settings) -> None:
    with reserved_ports() as ports:
        apart = changed(settings, mongo_url=f"mongodb://127.0.0.1:{ports.mongo}")
        async with Stack(settings.state_dir / "apart", ports) as stack:
            await _stop_and_restart_mongo(apart, stack)


async def _stop_and_restart_mongo(apart: Settings, stack: Stack) -> None:
    await stack.start_servers([mongo.command])
    await provision(apart)
    await stack.stop()
    workers = (worker("detector", apart, 0), worker("mongo", apart, 1), worker("elastic", apart, 2))
    async with running(*workers, folder=apart.state_dir) as (_, to_mongo, _to_elastic):
        load = Load(apart)
        await load.run(seconds=3)
        await until(load.all_answered, within_s=20)
        elastic = ElasticSink(apart)
        await until(lambda: stored(elastic, len(load.stolen)), within_s=20)
        await elastic.close()
        assert to_mongo.running
        await until(lambda: _logs(to_mongo, "MongoDB does not answer"))
        await stack.start_servers([mongo.command])
        await assert_stores_hold_each_payment_once(apart, load.stolen)


async def test_a_sink_stops_on_sigterm_while_its_store_is_down(settings: Settings) -> None:
    unreachable = changed(settings, elastic_url="http://127.0.0.1:1")
    await provision(settings)
    await send(settings, settings.topics.verdicts, ("phone-1", encode_verdict(verdict())))
    async with running(worker("elastic", unreachable), folder=settings.state_dir) as (sink,):
        await until(lambda: _logs(sink, "does not answer"))
        sink.signal(signal.SIGTERM)
        assert await asyncio.wait_for(sink.wait(), 30) == 0


async def test_a_record_without_verdict_is_a_dead_letter_and_the_others_are_stored(settings: Settings) -> None:
    await provision(settings)
    records = [b"junk", encode_verdict(verdict(1)), None, encode_verdict(verdict(2)), b'{"verdict":"maybe"}']
    await send(settings, settings.topics.verdicts, *[("phone-1", value) for value in records])
    sinks = (MongoSink(settings), ElasticSink(settings))
    async with running(worker("mongo", settings, 0), worker("elastic", settings, 1), folder=settings.state_dir):
        await until(lambda: _all_stored(sinks, 2))
        await until(lambda: _dead_letters_exist(settings, 6))
    for sink in sinks:
        assert set(await sink.find(Dataset.VERDICTS)) == {verdict(1).id, verdict(2).id}
        await sink.close()
    letters = [json.loads(record.value) for record in await read_all(settings, settings.topics.dead_letters)]
    assert sorted(one["code"] for one in letters) == ["empty"] * 2 + ["not-json"] * 2 + ["pattern"] * 2


async def _logs(process: LocalProcess, words: str) -> bool:
    return words in process.log.read_text(encoding="utf-8")


async def _dead_letters_exist(settings: Settings, wanted: int) -> bool:
    return len(await read_all(settings, settings.topics.dead_letters)) >= wanted
