"""Shared parts of the tables of bad inputs: rows, and the canary that no output may contain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agents.batch import Batch
from agents.context import AgentContext
from schemas.codes.reject import RejectCode
from schemas.dead_letter import DeadLetter, decode_dead_letter
from schemas.json.identifier import digits_of
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord

CANARY: Final = "4929567123456787"
"""A value that looks like a card number, so that it can be a text, a number and a card. It fails the Luhn check."""

DEEP: Final = b"[" * 100_000

INVALID_DEVICE_IDS: Final = (
    *((41, repr(text), text) for text in ("phone\0", "phone-1\n", "a/b", "..", ".", "../x")),
    (42, "Cyrillic look-alike", "рhone-1"),
    (42, "zero-width", "phone\u200b-1"),
    (42, "RTL mark", "\u200fphone-1"),
    (42, "NFD", "phone-e\u0301"),
)
"""Invalid device ids, each with its line of the list and a name."""


@dataclass(frozen=True)
class Bad:
    """A record that is rejected. `line`: its number in docs/reference/bad-inputs.md."""

    line: int
    name: str
    value: bytes | None
    code: RejectCode
    fields: tuple[str, ...] = ()
    key: bytes | None = b"phone-1"


def named(row: object) -> str:
    """Return the id of a row's test."""
    return f"{getattr(row, 'line', '')} {getattr(row, 'name', row)}"


def rejected(agent: Callable[[Batch, AgentContext], None], row: Bad) -> DeadLetter:
    """Return the dead letter of a row. Check that it is the agent's only output and has no content of the row."""
    batch = FakeBatch([FakeRecord(row.key, row.value)])
    agent(batch, CONTEXT)
    assert not batch.rows
    assert list(batch.sent) == ["dead_letters"]
    ((key, value),) = batch.sent["dead_letters"]
    assert key is None
    assert not shows_canary(value)
    return decode_dead_letter(value)


def shows_canary(left: bytes | str, canary: str = CANARY) -> bool:
    """Return True if the text contains the canary, in digits of any script and with any characters between them."""
    text = left if isinstance(left, str) else left.decode("utf-8", "replace")
    return canary in digits_of(text)
