"""What the tables of bad inputs share: their rows, and the canary that must come out nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agents.batch import Batch
from agents.context import AgentContext
from schemas.codes.reject import RejectCode
from schemas.dead_letter import DeadLetter, decode_dead_letter
from schemas.json.identifier import digits_of
from tests.support.batch import POLICY, FakeBatch, FakeRecord

CANARY: Final = "4929567123456787"
"""Looks like a card number, so that it can be a text, a number and a card. Fails its check digit."""

DEEP: Final = b"[" * 100_000

NO_DEVICES: Final = (
    *((41, repr(text), text) for text in ("phone\0", "phone-1\n", "a/b", "..", ".", "../x")),
    (42, "Cyrillic look-alike", "рhone-1"),
    (42, "zero-width", "phone\u200b-1"),
    (42, "RTL mark", "\u200fphone-1"),
    (42, "NFD", "phone-e\u0301"),
)
"""What no device is called, each with its line of the list and a name."""


@dataclass(frozen=True)
class Bad:
    """A record that cannot be used. `line`: its number in docs/reference/bad-inputs.md."""

    line: int
    name: str
    value: bytes | None
    code: RejectCode
    fields: tuple[str, ...] = ()
    key: bytes | None = b"phone-1"


def named(row: object) -> str:
    """The id of a row's test."""
    return f"{getattr(row, 'line', '')} {getattr(row, 'name', row)}"


def refused(agent: Callable[[Batch, AgentContext], None], row: Bad) -> DeadLetter:
    """The one dead letter that an agent leaves of a row; it has left nothing else, and nothing of the row."""
    batch = FakeBatch([FakeRecord(row.key, row.value)])
    agent(batch, POLICY)
    assert not batch.rows
    assert list(batch.sent) == ["dead_letters"]
    ((key, value),) = batch.sent["dead_letters"]
    assert key is None
    assert not shows_canary(value)
    return decode_dead_letter(value)


def shows_canary(left: bytes | str, canary: str = CANARY) -> bool:
    """The canary is in it, in digits of any script and with anything between them."""
    text = left if isinstance(left, str) else left.decode("utf-8", "replace")
    return canary in digits_of(text)
