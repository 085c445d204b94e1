"""Expected input: the records of the input topics, parsed by the schemas alone."""

from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.support.stream import stream


@dataclass(slots=True)
class ExpectedInput:
    """Records of the two input topics. Places are topic, partition and offset."""

    records: int
    ends: dict[tuple[str, int], int]
    unusable: set[tuple[str, int, int]]
    payments: dict[str, str]
    """Device of the first record, by transaction id."""

    repeated: int
    pushed: set[tuple[str, int]]
    locations: Path
    transactions: Path


async def read_expected_input(settings: Settings, folder: Path) -> ExpectedInput:
    """Sort the records into usable and unusable by the schemas, and write the usable ones to files."""
    found = ExpectedInput(0, {}, set(), {}, 0, set(), folder / "locations.jsonl", folder / "transactions.jsonl")
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
