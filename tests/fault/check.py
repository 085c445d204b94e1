"""The checker: reads the input, every topic, both stores and the logs, and says which of the invariants hold."""

import asyncio
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka import ConsumerRecord
from faust.types import TP

from agents.judged import Judged
from agents.locate import locate
from agents.score import score
from app.cli.judge import Judge
from app.provision import changelog_of
from app.settings import Settings
from app.simulate.stage import Stage
from app.sink.elastic import ElasticSink
from app.sink.mongo import MongoSink
from app.sink.sink import Shelf
from app.stream.mark import Mark
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.fault.law import Law
from tests.fault.leaks import leaks
from tests.fault.stream import stream
from tests.fault.world import World

RSS_MAX_BYTES: Final = 512 << 20
DRAINED_WITHIN_S: Final = 30.0
READY_WITHIN_S: Final = 15.0
REFUSED_WITHIN_S: Final = 5.0
EXAMPLES_SHOWN: Final = 3
KEYED: Final = ("id", "card_token", "user_token", "device_token", "episode_id")


@dataclass(slots=True)
class Input:
    """What lies on the two topics of records, as they say of themselves. Places are topic, partition and offset."""

    records: int
    ends: dict[tuple[str, int], int]
    unusable: set[tuple[str, int, int]]
    payments: dict[str, str]
    """By transaction id, the device it came from first."""

    repeated: int
    pushed: set[tuple[str, int]]
    locations: Path
    transactions: Path


async def read_input(settings: Settings, folder: Path) -> Input:
    """Sorts the records into usable and unusable with the schemas alone, and writes the usable ones to files."""
    found = Input(0, {}, set(), {}, 0, set(), folder / "locations.jsonl", folder / "transactions.jsonl")
    with found.locations.open("wb") as locations, found.transactions.open("wb") as transactions:
        for topic, parse, file in (
            (settings.topics.locations, parse_push, locations),
            (settings.topics.transactions, parse_payment, transactions),
        ):
            async for record in stream(settings, topic):
                found.records += 1
                found.ends[topic, record.partition] = record.offset + 1
                one = parse(record.value)
                usable = isinstance(one, Payment | Push) and record.key == one.device_id.encode()
                if not usable:
                    found.unusable.add((topic, record.partition, record.offset))
                    continue
                file.write(record.value + b"\n")
                if isinstance(one, Payment):
                    found.repeated += one.transaction_id in found.payments
                    found.payments.setdefault(one.transaction_id, one.device_id)
                elif isinstance(one, Push) and one.message_id is not None:
                    found.pushed.add((one.device_id, one.message_id))
    return found


@dataclass(slots=True)
class Answers:
    """What lies on a topic of verdicts. `newest`: by document id, number and digest of the newest revision."""

    records: int = 0
    copies: int = 0
    differing_copies: int = 0
    gaps: int = 0
    newest: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    """The masking keys that were written with."""

    foreign: list[str] = field(default_factory=list)
    """Payments whose token of the device is not that of the record's key, under any masking key."""

    said: dict[str, bytes] = field(default_factory=dict)
    """By transaction id, a digest of what the newest revision says, whatever its number."""


async def read_answers(settings: Settings, topic: str) -> Answers:
    found = Answers()
    masker = settings.policy.masker
    digests: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
    said: dict[str, tuple[int, bytes]] = {}
    async for record in stream(settings, topic):
        found.records += 1
        verdict = msgspec.json.decode(record.value)
        if verdict["device_token"] not in masker.tokens("device", record.key or b""):
            found.foreign.append(verdict["transaction_id"])
        found.keys.add(verdict["device_token"].split("_")[1])
        name, revision, digest = verdict["id"], verdict["revision"], _digest(record.value)
        if revision in digests[name]:
            found.copies += 1
            found.differing_copies += digests[name][revision] != digest
        digests[name][revision] = digest
        if revision >= said.get(verdict["transaction_id"], (0, b""))[0]:
            said[verdict["transaction_id"]] = (revision, _digest(_content(verdict, settings)))
    found.gaps = sum(sorted(revisions) != list(range(1, len(revisions) + 1)) for revisions in digests.values())
    found.newest = {name: max(revisions.items()) for name, revisions in digests.items()}
    found.said = {name: digest for name, (_, digest) in said.items()}
    return found


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=12).digest()


def _content(verdict: Mapping[str, Any], settings: Settings) -> bytes:
    """All of a verdict but its number and whether it is the last: what was said on the way.

    Where the masking key has changed, also but what depends on it: which it was when a payment was read is not known.
    """
    left_out = ("revision", "status", *(KEYED if len(settings.masking_keys) > 1 else ()))
    return json.dumps({**verdict, **dict.fromkeys(left_out)}, sort_keys=True).encode()


def judged(settings: Settings, given: Input) -> dict[str, bytes]:
    """What `geovelocity judge` makes of the same records."""
    judge = Judge(settings.policy, sys.stderr)
    with given.locations.open("rb") as locations:
        judge.hear(locations)
    with given.transactions.open("rb") as transactions:
        verdicts = [msgspec.json.decode(line) for line in judge.verdicts(transactions)]
    return {one["transaction_id"]: _digest(_content(one, settings)) for one in verdicts}


async def check(world: World, settings: Settings, folder: Path) -> tuple[list[Law], dict[str, int]]:
    """All invariants that a finished run can tell of, and the counts. `settings`: reach the stores without proxies."""
    given = await read_input(settings, folder)
    answers = await read_answers(settings, settings.topics.verdicts)
    suspects = await read_answers(settings, settings.topics.suspects)
    letters = await _letters(settings)
    wanted = await asyncio.to_thread(judged, settings, given)
    laws = [
        _confirmed(world, given),
        Law(
            "I1",
            "every payment on the topic has a verdict, and nothing else has",
            len(given.payments),
            _differ(given.payments.keys(), answers.said.keys()),
        ),
        Law(
            "I1, I11",
            "every record that cannot be used is a dead letter, and nothing else is",
            len(given.unusable),
            _differ(given.unusable, letters.keys()),
        ),
        *await _stores(settings, {Shelf.VERDICTS: answers.newest, Shelf.SUSPECTS: suspects.newest}),
        Law(
            "I3",
            "the last word on every payment is what `judge` says of the same records",
            len(wanted),
            [name for name, digest in wanted.items() if answers.said.get(name) != digest],
        ),
        Law(
            "I7",
            "copies of a revision are equal byte for byte, and revisions have no gaps",
            answers.records + suspects.records,
            _count(differing=answers.differing_copies + suspects.differing_copies, gaps=answers.gaps),
        ),
        Law(
            "I15",
            "the device of a verdict has the token of its key under a masking key",
            answers.records + suspects.records,
            answers.foreign + suspects.foreign,
        ),
        *await _table(settings, given),
        Law(
            "I12",
            "no worker ever had 512 MiB of memory",
            len(world.rss_bytes),
            [f"{name}: {size >> 20} MiB" for name, size in world.rss_bytes.items() if size >= RSS_MAX_BYTES],
        ),
        *await leaks(settings, folder),
        Law(
            "I17",
            "what the bridge said it has kept is on the topic",
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


def _differ(wanted: Iterable[Any], found: Iterable[Any]) -> list[str]:
    wanted, found = set(wanted), set(found)
    lacking, beside = sorted(map(str, wanted - found)), sorted(map(str, found - wanted))
    return [f"lacks {one}" for one in lacking] + [f"beside {one}" for one in beside]


def _count(**numbers: int) -> list[str]:
    return [f"{number} {name}" for name, number in numbers.items() if number]


def _confirmed(world: World, given: Input) -> Law:
    """A broker that was killed has lost nothing that it had confirmed: otherwise all else proves nothing."""
    confirmed = world.traffic.confirmed
    lost = [
        f"{place}: {end} of {given.ends.get(place, 0)}"
        for place, end in confirmed.items()
        if given.ends.get(place, 0) < end
    ]
    return Law("I1", "what was confirmed to a sender is on its topic", sum(confirmed.values()), lost)


async def _letters(settings: Settings) -> Counter[tuple[str, int, int]]:
    found: Counter[tuple[str, int, int]] = Counter()
    ours = (settings.topics.locations, settings.topics.transactions)
    async for record in stream(settings, settings.topics.dead_letters):
        letter = msgspec.json.decode(record.value)
        if letter["topic"] in ours:
            found[letter["topic"], letter["partition"], letter["offset"]] += 1
        else:
            found["a verdict was refused", letter["partition"], letter["offset"]] += 1
    return found


async def _stores(settings: Settings, shelves: Mapping[Shelf, Mapping[str, tuple[int, bytes]]]) -> list[Law]:
    """Each store holds the newest revision of each, and nothing else."""
    laws = []
    for store in (MongoSink(settings), ElasticSink(settings)):
        for shelf, newest in shelves.items():
            held = {name: document["revision"] for name, document in (await store.find(shelf)).items()}
            against = _differ(newest, held)
            against += [
                f"{name}: revision {held[name]}"
                for name in held.keys() & newest.keys()
                if held[name] != newest[name][0]
            ]
            says = f"{type(store).__name__.removesuffix('Sink')} holds the newest revision of each of `{shelf}` once"
            laws.append(Law("I2", says, len(newest), against))
        await store.close()
    return laws


async def _table(settings: Settings, given: Input) -> list[Law]:
    """The changelog alone, folded, is the table; its marks never went back; positions are a fold of the input."""
    rows: dict[bytes, bytes] = {}
    marks: dict[bytes, int] = {}
    back: list[str] = []
    async for record in stream(settings, changelog_of(settings)):
        if record.value is None:
            rows.pop(record.key, None)
        else:
            rows[record.key] = record.value
            if Mark.is_key(record.key):
                if Mark.next_offset_of(record.value) < marks.get(record.key, 0):
                    back.append(record.key.decode()[1:])
                marks[record.key] = Mark.next_offset_of(record.value)
    topics = settings.topics
    ends = {
        Mark.key(TP(topic, number)): end
        for (topic, number), end in given.ends.items()
        if topic in (topics.locations, topics.transactions)
    }
    short = [key.decode()[1:] for key, end in ends.items() if marks.get(key, 0) != end]
    folded = await _folded(settings)
    table = {key: value for key, value in rows.items() if not key.startswith(b"\0")}
    of_keys = len(settings.masking_keys) > 1  # digests under the key of that time
    differing = [
        key
        for key, row in folded.items()
        if not (b"\0book" in key or b"\0case-" in key or (of_keys and Judged.is_cell(key)))
        and table.get(key, row) != row
    ]
    missing = _differ(map(_shown, folded), map(_shown, table))
    return [
        Law("I5", "everything on the topics is covered by a mark", len(ends), short),
        Law("I8", "no mark ever went back", len(marks), sorted(set(back))),
        Law("I6", "the table is a fold of the input", len(folded), missing + [_shown(key) for key in differing]),
    ]


def _shown(key: bytes) -> str:
    return key.decode("utf-8", "replace").replace("\0", " ")


async def _folded(settings: Settings) -> dict[bytes, bytes]:
    """As agents fold both topics one after the other, without broker, crash or batches."""
    rows: dict[bytes, bytes] = {}
    for topic, agent in ((settings.topics.locations, locate), (settings.topics.transactions, score)):
        waiting: defaultdict[int, list[ConsumerRecord]] = defaultdict(list)
        async for record in stream(settings, topic):
            waiting[record.partition].append(record)
            if len(waiting[record.partition]) >= 5_000:
                agent(Stage(waiting.pop(record.partition), rows), settings.policy)
        for records in waiting.values():
            agent(Stage(records, rows), settings.policy)
    return rows
