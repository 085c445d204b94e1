"""Leaks: card numbers and exact positions of phones, looked for on every topic, in both stores and in all files."""

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
from tests.nightly.fault.invariants import Law
from tests.nightly.fault.traffic import CARDS, card_number
from tests.support.canary import Scanner
from tests.support.stream import stream

PHONES_PLACE: Final = ("0271828", "9728172")
"""The digits with which exact coordinates of phones end, east and west of Greenwich."""

SENSITIVE: Final = ('"913"', ";4556737586899855=2512")
TOGETHER: Final = 1_000
_LAST_FOUR: Final = re.compile(r"[0-9]{4}")


class Hunt:
    """What was found so far, by what was looked for: where it was."""

    def __init__(self) -> None:
        cards = list(map(card_number, range(CARDS)))
        self._kind = dict.fromkeys(cards, "cards") | dict.fromkeys(PHONES_PLACE, "places")
        self._kind |= dict.fromkeys(SENSITIVE, "sensitive")
        self._scanner = Scanner(cards, [*PHONES_PLACE, *SENSITIVE])
        self.found: dict[str, list[str]] = {kind: [] for kind in self._kind.values()}
        self.looked = 0

    def look(self, where: str, hay: bytes, *, places: bool = True) -> None:
        """`places`: it must not hold the exact position of a phone either."""
        self._note(where, self._scanner.find(hay), places=places)

    def look_at_all(self, hays: Mapping[str, bytes], *, places: bool = True) -> None:
        """The same for many, by where they are: at each only when there is something in them all together."""
        if self._scanner.find(b"\n".join(hays.values())):
            for where, hay in hays.items():
                self.look(where, hay, places=places)
        else:
            self.looked += len(hays)

    def look_in_file(self, where: str, path: Path, *, places: bool = True) -> None:
        """The same for what lies in a file."""
        self._note(where, self._scanner.find_in_file(path), places=places)

    def _note(self, where: str, found: Iterable[str], *, places: bool) -> None:
        self.looked += 1
        for kind in {self._kind[canary] for canary in found}:
            if places or kind != "places":
                self.found[kind].append(where)


async def leaks(settings: Settings, folder: Path) -> list[Law]:
    """Looks everywhere but on `transactions`, where card numbers come in."""
    hunt, topics = Hunt(), settings.topics
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
        ours = path.parent == folder  # what servers keep on disk holds the topic of positions, too
        hunt.look_in_file(str(path.relative_to(folder)), path, places=ours)
    shown = [msgspec.json.decode(record.value)["card_last4"] async for record in stream(settings, topics.verdicts)]
    return [
        Law("I13", "no card number is anywhere but on `transactions`", hunt.looked, hunt.found["cards"]),
        Law("I14", "no verification value, track or PIN was kept", hunt.looked, hunt.found["sensitive"]),
        Law("I15", "of a card number four digits are shown", len(shown), _no_last_four(shown)),
        Law("I16", "no exact position is outside `locations` and the table", hunt.looked, hunt.found["places"]),
    ]


async def _together(records: AsyncIterator[ConsumerRecord]) -> AsyncIterator[list[ConsumerRecord]]:
    """Some records at a time."""
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
    """Logs and what servers keep on disk, but for the topic where card numbers come in and the checker's own files."""
    for path in folder.rglob("*"):
        where_they_come_in = any("transactions-" in part and "fraud" not in part for part in path.parts)
        own = path.name in {"locations.jsonl", "transactions.jsonl", "devices.jsonl"}
        if path.is_file() and not where_they_come_in and not own and path.suffix != ".jar":
            yield path
