"""Answers: the verdicts of a topic, and the verdicts of `judge` for the same records."""

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from app.cli.judge import FileJudge
from app.security.agent_context import agent_context
from app.security.masking_keys import masking_keys
from app.settings import Settings
from tests.nightly.fault.expected_input import ExpectedInput
from tests.support.stream import stream

KEYED: Final = ("id", "card_token", "user_token", "device_token", "episode_id")


@dataclass(slots=True)
class Answers:
    """Verdicts of a topic. `newest`: number and digest of the newest revision, by document id."""

    records: int = 0
    copies: int = 0
    differing_copies: int = 0
    gaps: int = 0
    newest: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    """Masking keys of the verdicts."""

    foreign: list[str] = field(default_factory=list)
    """Payments whose device token does not belong to the record's key under any masking key."""

    final: dict[str, bytes] = field(default_factory=dict)
    """Digest of the newest revision by transaction id, without its number."""


async def read_answers(settings: Settings, topic: str) -> Answers:
    found = Answers()
    masker = agent_context(settings).masker
    digests: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
    newest: dict[str, tuple[int, bytes]] = {}
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
        if revision >= newest.get(verdict["transaction_id"], (0, b""))[0]:
            newest[verdict["transaction_id"]] = (revision, _digest(_content(verdict, settings)))
    found.gaps = sum(sorted(revisions) != list(range(1, len(revisions) + 1)) for revisions in digests.values())
    found.newest = {name: max(revisions.items()) for name, revisions in digests.items()}
    found.final = {name: digest for name, (_, digest) in newest.items()}
    return found


def judged(settings: Settings, given: ExpectedInput) -> dict[str, bytes]:
    """Return the verdicts of `geovelocity judge` for the same records."""
    judge = FileJudge(agent_context(settings), sys.stderr)
    with given.locations.open("rb") as locations:
        judge.add_positions(locations)
    with given.transactions.open("rb") as transactions:
        verdicts = [msgspec.json.decode(line) for line in judge.verdicts(transactions)]
    return {one["transaction_id"]: _digest(_content(one, settings)) for one in verdicts}


def _content(verdict: Mapping[str, Any], settings: Settings) -> bytes:
    """Return the fields of a verdict that do not depend on its revision.

    After a change of the masking key, leave out the fields that depend on it: the key at reading time is unknown.
    """
    left_out = ("revision", "status", *(KEYED if len(masking_keys(settings)) > 1 else ()))
    return json.dumps({**verdict, **dict.fromkeys(left_out)}, sort_keys=True).encode()


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=12).digest()
