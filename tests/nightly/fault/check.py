"""Checker: reads the input, every topic, both stores and the logs, and reports which invariants hold."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from tests.nightly.fault.answers import judged, read_answers
from tests.nightly.fault.difference import count, differ
from tests.nightly.fault.expected_input import ExpectedInput, read_expected_input
from tests.nightly.fault.harness import Harness
from tests.nightly.fault.invariants import Invariant
from tests.nightly.fault.leaks import leaks
from tests.nightly.fault.table import check_table
from tests.support.stream import stream

RSS_MAX_BYTES: Final = 512 << 20


async def check(world: Harness, settings: Settings, folder: Path) -> tuple[list[Invariant], dict[str, int]]:
    """Return all invariants of a finished run and its counts. `settings` reach the stores without proxies."""
    given = await read_expected_input(settings, folder)
    answers = await read_answers(settings, settings.topics.verdicts)
    suspects = await read_answers(settings, settings.topics.suspects)
    letters = await _dead_letters(settings)
    wanted = await asyncio.to_thread(judged, settings, given)
    laws = [
        _check_confirmed(world, given),
        Invariant(
            "I1",
            "every payment on the topic has a verdict, and nothing else has",
            len(given.payments),
            differ(given.payments.keys(), answers.final.keys()),
        ),
        Invariant(
            "I1, I11",
            "every record that cannot be used is a dead letter, and nothing else is",
            len(given.unusable),
            differ(given.unusable, letters.keys()),
        ),
        *await _stores(settings, {Dataset.VERDICTS: answers.newest, Dataset.SUSPECTS: suspects.newest}),
        Invariant(
            "I3",
            "the final verdict on every payment equals that of `judge` for the same records",
            len(wanted),
            [name for name, digest in wanted.items() if answers.final.get(name) != digest],
        ),
        Invariant(
            "I7",
            "copies of a revision are equal byte for byte, and revisions have no gaps",
            answers.records + suspects.records,
            count(differing=answers.differing_copies + suspects.differing_copies, gaps=answers.gaps),
        ),
        Invariant(
            "I15",
            "the device of a verdict has the token of its key under a masking key",
            answers.records + suspects.records,
            answers.foreign + suspects.foreign,
        ),
        *await check_table(settings, given),
        Invariant(
            "I12",
            "no worker ever had 512 MiB of memory",
            len(world.rss_bytes),
            [f"{name}: {size >> 20} MiB" for name, size in world.rss_bytes.items() if size >= RSS_MAX_BYTES],
        ),
        *await leaks(settings, folder),
        Invariant(
            "I17",
            "every push that the bridge confirmed is on the topic",
            len(world.traffic.kept),
            [str(one) for one in sorted(world.traffic.kept - given.pushed)],
        ),
    ]
    counts = {
        "records on the topics": given.records,
        "payments": len(given.payments),
        "payments sent again": given.repeated,
        "unusable records": len(given.unusable),
        "verdicts with all revisions": answers.records,
        "copies after a crash, equal": answers.copies + suspects.copies,
        "suspects": len(suspects.newest),
        "masking keys written with": len(answers.keys),
        "pushes kept by the bridge": len(world.traffic.kept),
        "records not confirmed to their sender": world.traffic.unconfirmed,
    }
    return laws, counts


def _check_confirmed(world: Harness, given: ExpectedInput) -> Invariant:
    """Check that no killed broker lost a confirmed record; otherwise the other checks prove nothing."""
    confirmed = world.traffic.confirmed
    lost = [
        f"{place}: {end} of {given.ends.get(place, 0)}"
        for place, end in confirmed.items()
        if given.ends.get(place, 0) < end
    ]
    return Invariant("I1", "every confirmed record is on its topic", sum(confirmed.values()), lost)


async def _dead_letters(settings: Settings) -> Counter[tuple[str, int, int]]:
    found: Counter[tuple[str, int, int]] = Counter()
    ours = (settings.topics.locations, settings.topics.transactions)
    async for record in stream(settings, settings.topics.dead_letters):
        letter = msgspec.json.decode(record.value)
        if letter["topic"] in ours:
            found[letter["topic"], letter["partition"], letter["offset"]] += 1
        else:
            found["a verdict was rejected", letter["partition"], letter["offset"]] += 1
    return found


async def _stores(settings: Settings, datasets: Mapping[Dataset, Mapping[str, tuple[int, bytes]]]) -> list[Invariant]:
    """Check that each store holds the newest revision of each payment, and nothing else."""
    laws = []
    for store in (MongoSink(settings), ElasticSink(settings)):
        for dataset, newest in datasets.items():
            held = {name: document["revision"] for name, document in (await store.find(dataset)).items()}
            against = differ(newest, held)
            against += [
                f"{name}: revision {held[name]}"
                for name in held.keys() & newest.keys()
                if held[name] != newest[name][0]
            ]
            says = f"{type(store).__name__.removesuffix('Sink')} holds the newest revision of each of `{dataset}` once"
            laws.append(Invariant("I2", says, len(newest), against))
        await store.close()
    return laws
