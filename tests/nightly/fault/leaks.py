"""Leaks: search for card numbers and exact phone positions on every topic, in both stores and in all files."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from aiokafka import ConsumerRecord

from app.provisioning.topics import changelog_of
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from tests.nightly.fault.invariants import Invariant
from tests.nightly.fault.traffic import CARDS, card_number
from tests.support.canary import Scanner
from tests.support.stream import stream

PHONE_DIGITS: Final = ("0271828", "9728172")
"""Last digits of the exact coordinates of phones, east and west of Greenwich."""

SENSITIVE: Final = ('"913"', ";4556737586899855=2512")
RECORDS_PER_SCAN: Final = 1_000
_LAST_FOUR: Final = re.compile(r"[0-9]{4}")


class LeakSearch:
    """Places of the findings, by kind."""

    def __init__(self) -> None:
        cards = list(map(card_number, range(CARDS)))
        self._kind = dict.fromkeys(cards, "cards") | dict.fromkeys(PHONE_DIGITS, "places")
        self._kind |= dict.fromkeys(SENSITIVE, "sensitive")
        self._scanner = Scanner(cards, [*PHONE_DIGITS, *SENSITIVE])
        self.found: dict[str, list[str]] = {kind: [] for kind in self._kind.values()}
        self.texts = 0

    def scan(self, where: str, text: bytes, *, places: bool = True) -> None:
        """Search one text. `places`: it must not hold an exact phone position either."""
        self._note(where, self._scanner.find(text), places=places)

    def scan_all(self, texts: Mapping[str, bytes], *, places: bool = True) -> None:
        """Search many texts by place. Search them singly only when all of them together have a finding."""
        if self._scanner.find(b"\n".join(texts.values())):
            for where, text in texts.items():
                self.scan(where, text, places=places)
        else:
            self.texts += len(texts)

    def scan_file(self, where: str, path: Path, *, places: bool = True) -> None:
        """Search a file."""
        self._note(where, self._scanner.find_in_file(path), places=places)

    def _note(self, where: str, found: Iterable[str], *, places: bool) -> None:
        self.texts += 1
        for kind in {self._kind[canary] for canary in found}:
            if places or kind != "places":
                self.found[kind].append(where)


async def leaks(settings: Settings, folder: Path) -> list[Invariant]:
    """Search everything but `transactions`, which holds card numbers."""
    search, topics = LeakSearch(), settings.topics
    for topic in (topics.locations, topics.verdicts, topics.suspects, topics.dead_letters, changelog_of(settings)):
        own = topic in (topics.locations, changelog_of(settings))
        async for records in _portions(stream(settings, topic)):
            search.scan_all(
                {
                    f"{topic} {record.partition} {record.offset}": (record.key or b"") + b" " + (record.value or b"")
                    for record in records
                },
                places=not own,
            )
    for store in (MongoSink(settings), ElasticSink(settings)):
        for dataset in Dataset:
            search.scan(f"{type(store).__name__} {dataset}", repr(await store.find(dataset)).encode())
        await store.close()
    for path in _files(folder):
        ours = path.parent == folder  # the servers' files also hold the topic of positions
        search.scan_file(str(path.relative_to(folder)), path, places=ours)
    shown = [msgspec.json.decode(record.value)["card_last4"] async for record in stream(settings, topics.verdicts)]
    return [
        Invariant("I13", "no card number is anywhere but on `transactions`", search.texts, search.found["cards"]),
        Invariant("I14", "no verification value, track or PIN is stored", search.texts, search.found["sensitive"]),
        Invariant("I15", "a masked card number shows four digits", len(shown), _no_last_four(shown)),
        Invariant(
            "I16", "no exact position is outside `locations` and the table", search.texts, search.found["places"]
        ),
    ]


async def _portions(records: AsyncIterator[ConsumerRecord]) -> AsyncIterator[list[ConsumerRecord]]:
    """Yield records in portions."""
    some: list[ConsumerRecord] = []
    async for record in records:
        some.append(record)
        if len(some) >= RECORDS_PER_SCAN:
            yield some
            some = []
    if some:
        yield some


def _no_last_four(shown: Iterable[str]) -> list[str]:
    return [one for one in shown if not _LAST_FOUR.fullmatch(one)]


def _files(folder: Path) -> Iterator[Path]:
    """Yield logs and servers' files, without those of `transactions` and of the checker."""
    for path in folder.rglob("*"):
        where_they_come_in = any("transactions-" in part and "fraud" not in part for part in path.parts)
        own = path.name in {"locations.jsonl", "transactions.jsonl", "devices.jsonl"}
        if path.is_file() and not where_they_come_in and not own and path.suffix != ".jar":
            yield path
