"""Leaks: card numbers and exact positions of phones, looked for on every topic, in both stores and in all files."""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from app.provision import changelog_of
from app.settings import Settings
from app.sink.elastic import ElasticSink
from app.sink.mongo import MongoSink
from app.sink.sink import Shelf
from tests.fault.law import Law
from tests.fault.stream import stream
from tests.fault.traffic import CARDS, card_number

PHONES_PLACE: Final = (b"0271828", b"9728172")
"""The digits with which exact coordinates of phones end, east and west of Greenwich."""

SENSITIVE: Final = (b'"913"', b";4556737586899855=2512")
_LAST_FOUR: Final = re.compile(r"[0-9]{4}")


class Hunt:
    """What was found so far, by what was looked for: where it was."""

    def __init__(self) -> None:
        cards = [needle for number in range(CARDS) for needle in _spellings(card_number(number))]
        self._needles = {"cards": _any_of(cards), "places": _any_of(PHONES_PLACE), "sensitive": _any_of(SENSITIVE)}
        self.found: dict[str, list[str]] = {name: [] for name in self._needles}
        self.looked = 0

    def look(self, where: str, hay: bytes, *, places: bool = True) -> None:
        """`places`: it must not hold the exact position of a phone either."""
        self.looked += 1
        for name, needle in self._needles.items():
            if (places or name != "places") and needle.search(hay):
                self.found[name].append(where)


async def leaks(settings: Settings, folder: Path) -> list[Law]:
    """Looks everywhere but on `transactions`, where card numbers come in."""
    hunt, topics = Hunt(), settings.topics
    for topic in (topics.locations, topics.verdicts, topics.suspects, topics.dead_letters, changelog_of(settings)):
        own = topic in (topics.locations, changelog_of(settings))
        async for record in stream(settings, topic):
            where = f"{topic} {record.partition} {record.offset}"
            hunt.look(where, (record.key or b"") + b" " + (record.value or b""), places=not own)
    for store in (MongoSink(settings), ElasticSink(settings)):
        for shelf in Shelf:
            hunt.look(f"{type(store).__name__} {shelf}", repr(await store.find(shelf)).encode())
        await store.close()
    for path in _files(folder):
        ours = path.parent == folder  # what servers keep on disk holds the topic of positions, too
        hunt.look(str(path.relative_to(folder)), path.read_bytes(), places=ours)
    shown = [msgspec.json.decode(record.value)["card_last4"] async for record in stream(settings, topics.verdicts)]
    return [
        Law("I13", "no card number is anywhere but on `transactions`", hunt.looked, hunt.found["cards"]),
        Law("I14", "no verification value, track or PIN was kept", hunt.looked, hunt.found["sensitive"]),
        Law("I15", "of a card number four digits are shown", len(shown), _no_last_four(shown)),
        Law("I16", "no exact position is outside `locations` and the table", hunt.looked, hunt.found["places"]),
    ]


def _no_last_four(shown: Iterable[str]) -> list[str]:
    return [one for one in shown if not _LAST_FOUR.fullmatch(one)]


def _files(folder: Path) -> Iterator[Path]:
    """Logs and what servers keep on disk, but for the topic where card numbers come in and the checker's own files."""
    for path in folder.rglob("*"):
        where_they_come_in = any("transactions-" in part and "fraud" not in part for part in path.parts)
        own = path.name in {"locations.jsonl", "transactions.jsonl", "devices.jsonl"}
        if path.is_file() and not where_they_come_in and not own and path.suffix != ".jar":
            yield path


def _any_of(needles: Iterable[bytes]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(map(re.escape, needles)))


def _spellings(number: str) -> Iterator[bytes]:
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    for text in (number, " ".join(groups), "-".join(groups)):
        yield text.encode()
    for digits in ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"):
        yield number.translate(str.maketrans("0123456789", digits)).encode()
    yield base64.b64encode(number.encode()).rstrip(b"=")[:-1]
    yield number.encode().hex().encode()
