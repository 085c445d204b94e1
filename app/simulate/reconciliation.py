"""Reconciliation: documents of the topics and of both stores, and where they differ."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.errors import UnavailableError
from app.kafka.topic_reader import read_all
from app.settings import Settings
from app.sinks.base import Dataset
from app.topology import SINKS
from schemas.erasure import parse_erasure

Documents = Mapping[str, Mapping[str, Any]]
POLL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Documents of one dataset by id, on its topic and in every store.

    Attributes:
        doubled: number of records that the topic holds twice.
        stores: documents of each store, by the command of its sink.
    """

    doubled: int
    kafka: Documents
    stores: Mapping[str, Documents]

    def differences(self, name: str) -> list[str]:
        """Return one sentence for each difference; empty if topic and stores are equal."""
        doubled = f"Kafka holds {self.doubled} duplicate records on {name}"
        return [*([doubled] if self.doubled else []), *(f"{where} of {name} {how}" for where, how in self.unequal)]

    @property
    def unequal(self) -> list[tuple[str, str]]:
        """Return the differences of each store from the topic: how many documents, and how they differ."""
        found = []
        for sink in SINKS:
            store, documents = sink.label, self.stores[sink.command]
            missing, unknown = self.kafka.keys() - documents.keys(), documents.keys() - self.kafka.keys()
            if missing or unknown:
                found.append((f"{store} lacks {len(missing)}", f"and has {len(unknown)} that Kafka has not"))
            other = [key for key in self.kafka.keys() & documents.keys() if not _equal(self.kafka[key], documents[key])]
            if other:
                found.append((f"{store} holds {len(other)}", "with other contents than Kafka"))
        return found


async def reconcile(settings: Settings, shelf: Dataset) -> Reconciliation:
    """Read the topic and every store. The topic defines the expected documents, without those of erased devices."""
    sinks = {sink.command: sink.store(settings) for sink in SINKS}
    try:
        records, *found = await asyncio.gather(
            read_all(settings, getattr(settings.topics, shelf.value)), *(sink.find(shelf) for sink in sinks.values())
        )
    finally:
        await asyncio.gather(*(sink.close() for sink in sinks.values()))
    documents: dict[str, dict[str, Any]] = {}
    revisions = set()
    erasures = 0
    for record in records:
        if (erasure := parse_erasure(record.value)) is not None:
            erasures += 1
            documents = {id_: one for id_, one in documents.items() if one["device_token"] not in erasure.device_tokens}
            continue
        document = msgspec.json.decode(record.value or b"null")
        revisions.add((document["id"], document["revision"]))
        held = documents.get(document["id"])
        if held is None or document["revision"] >= held["revision"]:
            documents[document["id"]] = document
    return Reconciliation(len(records) - erasures - len(revisions), documents, dict(zip(sinks, found, strict=True)))


async def reconcile_when_idle(settings: Settings, shelf: Dataset, wanted: int, within_s: float) -> Reconciliation:
    """Reconcile until the topic and every store hold the same `wanted` documents, or the time is over.

    Raises:
        UnavailableError: a store did not answer until the time was over.
    """
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        time_is_up = asyncio.get_running_loop().time() > deadline
        try:
            inventory = await reconcile(settings, shelf)
        except UnavailableError:  # on a busy machine a store may be slow for a moment
            if time_is_up:
                raise
        else:
            if time_is_up or (len(inventory.kafka) >= wanted and not inventory.unequal):
                return inventory
        await asyncio.sleep(POLL_S)


def _equal(published: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Return whether every published field is stored unchanged. A store may add fields of its own."""
    return all(stored.get(name) == value for name, value in published.items() if name != "id")
