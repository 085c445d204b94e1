"""Table check: the changelog against a fold of the input and the checkpoints."""

from faust.types import TP

from agents.state.seen_transactions import SeenTransactions
from app.provisioning.topics import changelog_of
from app.security.masking_keys import masking_keys
from app.settings import Settings
from app.stream.state.checkpoint import Checkpoint
from tests.nightly.fault.difference import differ
from tests.nightly.fault.expected_input import ExpectedInput
from tests.nightly.fault.invariants import Invariant
from tests.support.state_fold import fold_topics, is_independent_of_order
from tests.support.stream import stream


async def check_table(settings: Settings, given: ExpectedInput) -> list[Invariant]:
    """Check that the folded changelog equals the table and that checkpoints only advance."""
    rows: dict[bytes, bytes] = {}
    marks: dict[bytes, int] = {}
    back: list[str] = []
    async for record in stream(settings, changelog_of(settings)):
        if record.value is None:
            rows.pop(record.key, None)
        else:
            rows[record.key] = record.value
            if Checkpoint.is_key(record.key):
                if Checkpoint.next_offset_of(record.value) < marks.get(record.key, 0):
                    back.append(record.key.decode()[1:])
                marks[record.key] = Checkpoint.next_offset_of(record.value)
    topics = settings.topics
    ends = {
        Checkpoint.key(TP(topic, number)): end
        for (topic, number), end in given.ends.items()
        if topic in (topics.locations, topics.transactions)
    }
    short = [key.decode()[1:] for key, end in ends.items() if marks.get(key, 0) != end]
    wanted = await fold_topics(settings)
    table = {key: value for key, value in rows.items() if not key.startswith(b"\0")}
    of_keys = len(masking_keys(settings)) > 1  # digests under the masking key of that time
    differing = [
        key
        for key, row in wanted.items()
        if is_independent_of_order(key)
        and not (of_keys and SeenTransactions.is_cell(key))
        and table.get(key, row) != row
    ]
    missing = differ(map(_shown, wanted), map(_shown, table))
    return [
        Invariant("I5", "a checkpoint covers every record of the topics", len(ends), short),
        Invariant("I8", "no checkpoint moved backwards", len(marks), sorted(set(back))),
        Invariant("I6", "the table is a fold of the input", len(wanted), missing + [_shown(key) for key in differing]),
    ]


def _shown(key: bytes) -> str:
    return key.decode("utf-8", "replace").replace("\0", " ")
