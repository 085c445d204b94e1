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

PHONES_PLACE: Final = ("0271828", "9728172")
"""Last digits of the exact coordinates of phones, east and west of Greenwich."""

SENSITIVE: Final = ('"913"', ";4556737586899855=2512")
TOGETHER: Final = 1_000
_LAST_FOUR: Final = re.compile(r"[0-9]{4}")


class LeakSearch:
    """Places of the findings, by kind."""

    def __init__(self) -> None:
        cards = list(map(card_number, range(CARDS)))
        self._kind = dict.fromkeys(cards, "cards") | dict.fromkeys(PHONES_PLACE, "places")
        self._kind |= dict.fromkeys(SENSITIVE, "sensitive")
        self._scanner = Scanner(cards, [*PHONES_PLACE, *SENSITIVE])
        self.found: dict[str, list[str]] = {kind: [] for kind in self._kind.values()}
        self.looked = 0

    def look(self, where: str, hay: bytes, *, places: bool = True) -> None:
        """Search one text. `places`: it must not hold an exact phone position either."""
        self._note(where, self._scanner.find(hay), places=places)

    def look_at_all(self, hays: Mapping[str, bytes], *, places: bool = True) -> None:
        """Search many texts by place. Search them singly only when all of them together have a finding."""
        if self._scanner.find(b"\n".join(hays.values())):
            for where, hay in hays.items():
                self.look(where, hay, places=places)
        else:
            self.looked += len(hays)

    def look_in_file(self, where: str, path: Path, *, places: bool = True) -> None:
        """Search a file."""
        self._note(where, self._scanner.find_in_file(path), places=places)

    def _note(self, where: str, found: Iterable[str], *, places: bool) -> None:
        self.looked += 1
        for kind in {self._kind[canary] for canary in found}:
            if places or kind != "places":
                self.found[kind].append(where)


async def leaks(settings: Settings, folder: Path) -> list[Invariant]:
    """Search everything but `transactions`, which holds card numbers."""
    hunt, topics = LeakSearch(), settings.topics
    for topic in (topics.locations, topics.verdicts, topics.suspects, topics.dead_letters, changelog_of(settings)):
        own = topic in (topics.locations, changelog_of(settings))
        async for records in _together(stream(settings, topic)):
            hunt.look_at_all(
                {
                    f"{topic} {record.partition} {record.offset}": (record.key or b"") + b" " + (record.value or b"")
                    for record in records
                },
                places=not own,
            )
    for store in (MongoSink(settings), ElasticSink(settings)):
        for shelf in Dataset:
            hunt.look(f"{type(store).__name__} {shelf}", repr(await store.find(shelf)).encode())
        await store.close()
    for path in _files(folder):
        ours = path.parent == folder  # the servers' files also hold the topic of positions
        hunt.look_in_file(str(path.relative_to(folder)), path, places=ours)
    shown = [msgspec.json.decode(record.value)["card_last4"] async for record in stream(settings, topics.verdicts)]
    return [
        Invariant("I13", "no card number is anywhere but on `transactions`", hunt.looked, hunt.found["cards"]),
        Invariant("I14", "no verification value, track or PIN is stored", hunt.looked, hunt.found["sensitive"]),
        Invariant("I15", "a masked card number shows four digits", len(shown), _no_last_four(shown)),
        Invariant("I16", "no exact position is outside `locations` and the table", hunt.looked, hunt.found["places"]),
    ]


async def _together(records: AsyncIterator[ConsumerRecord]) -> AsyncIterator[list[ConsumerRecord]]:
    """Yield records in portions."""
    some: list[ConsumerRecord] = []
    async for record in records:
        some.append(record)
        if len(some) >= TOGETHER:
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
