"""What went in is what came out: the counters of all workers add up, and agree with what lies on the topics."""

import asyncio
import re
import urllib.request
from collections import defaultdict

from app.settings import Settings
from app.topic import read_all
from deploy.local.ports import HOST
from tests.support.make import as_bytes, payment
from tests.support.service import FREE_PORTS, Load, provision, running, send, until, worker

LINE = re.compile(r"^(\w+)\{(.*)\} ([0-9.e+]+)$", re.MULTILINE)
Counted = dict[str, dict[str, float]]


async def scrape(settings: Settings, number: int) -> tuple[str, dict[str, float], dict[str, float]]:
    """The text, and by topic the records and the sum of their outcomes."""
    url = f"http://{HOST}:{(settings.port_base or 0) + FREE_PORTS + number}/metrics"

    def ask() -> str:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())

    text = await asyncio.to_thread(ask)
    records: defaultdict[str, float] = defaultdict(float)
    outcomes: defaultdict[str, float] = defaultdict(float)
    for name, labels, value in LINE.findall(text):
        topic = re.search(r'topic="(.*?)"', labels)
        if topic and name == "geovelocity_records_total":
            records[topic.group(1)] += float(value)
        if topic and name == "geovelocity_outcomes_total":
            outcomes[topic.group(1)] += float(value)
    return text, records, outcomes


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
            _, records, _ = await scrape(settings, 0)
            return all(records[name] == number for name, number in wanted.items())

        await until(all_counted)
        text, records, outcomes = await scrape(settings, 0)
        assert records == outcomes
        assert f'code="not-json",topic="{topics.transactions}"}} 1.0' in text
        assert f'outcome="repeated",topic="{topics.transactions}"}} 2.0' in text
        assert "geovelocity_ready 1.0" in text

        async def all_stored(number: int) -> bool:
            published = {name: len(await read_all(settings, name)) for name in (topics.verdicts, topics.suspects)}
            _, records, outcomes = await scrape(settings, number)
            return records == outcomes == published

        await until(lambda: all_stored(1))
        await until(lambda: all_stored(2))
