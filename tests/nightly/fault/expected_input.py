"""Given: what lies on the topics of records, read with the schemas alone."""

from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.support.stream import stream


@dataclass(slots=True)
class Given:
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


async def read_given(settings: Settings, folder: Path) -> Given:
    """Sorts the records into usable and unusable with the schemas alone, and writes the usable ones to files."""
    found = Given(0, {}, set(), {}, 0, set(), folder / "locations.jsonl", folder / "transactions.jsonl")
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
