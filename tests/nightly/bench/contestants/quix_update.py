"""The join as Quix Streams' documentation keeps state over two topics: concatenated, a stateful function an event.

Offsets are committed after changelog and verdicts are delivered, and after a crash what the changelog holds beyond them
is passed over: state is as if nothing had happened, no verdict is lost, but some come twice. With BENCH_RULE=last it
validates and masks nothing; with `full` it does this service's work with this service's code, an event at a time, but
for forgetting: no device is forgotten on request, and nothing of a silent one is given up.
"""

import os
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Final

from quixstreams import Application, State, message_context
from quixstreams.models import JSONSerializer, TopicConfig

from agents.context import AgentContext
from agents.ingest_positions import ingest_positions
from agents.rules.parameters import DEFAULT
from agents.rules.publish.mask import Key, Masker
from agents.score import score
from schemas.topics import Topics
from tests.nightly.bench.contestants import quix
from tests.nightly.bench.contestants.one_record import OneRecord
from tests.nightly.bench.contestants.whole_job import Record, Sent

POLICY: Final = AgentContext(
    Topics(verdicts=quix.VERDICTS, suspects=f"{quix.GROUP}-suspects", dead_letters=f"{quix.GROUP}-dead_letters"),
    Masker(Key("bench", b"no secret: what it masks is made up")),
    DEFAULT,
)
AGENTS: Final = {quix.LOCATIONS: ingest_positions, quix.TRANSACTIONS: score}


def last(app: Application) -> None:
    """The last fix of each device."""
    pushes, payments = (app.dataframe(app.topic(name)) for name in (quix.LOCATIONS, quix.TRANSACTIONS))
    verdicts = pushes.concat(payments).apply(_weigh, stateful=True).filter(bool)
    verdicts.to_topic(app.topic(quix.VERDICTS))


def _weigh(record: dict[str, Any], state: State) -> dict[str, Any] | None:
    if "fixes" in record:
        state.set("fix", quix.last_fix(record))
        return None
    return quix.verdict(record, state.get("fix"))


def full(app: Application) -> None:
    """The history of each device, in the cells in which this service keeps it."""
    pushes, payments = (
        app.dataframe(app.topic(name, value_deserializer="bytes")) for name in (quix.LOCATIONS, quix.TRANSACTIONS)
    )
    names = (POLICY.topics.verdicts, POLICY.topics.suspects, POLICY.topics.dead_letters)
    config = TopicConfig(num_partitions=int(os.environ["BENCH_PARTITIONS"]), replication_factor=1)
    as_it_is = JSONSerializer(dumps=attrgetter("value"))
    topics = {name: app.topic(name, value_serializer=as_it_is, config=config) for name in names}
    sent = pushes.concat(payments).apply(_act, stateful=True, metadata=True, expand=True)
    sent.to_topic(lambda one, *_: topics[one.topic])


def _act(value: bytes, key: bytes, timestamp_ms: int, _headers: object, state: State) -> Iterable[Sent]:
    def put(cell: bytes, content: bytes | None) -> None:
        if content is None:
            state.delete(cell)
        else:
            state.set_bytes(cell, content)

    at = message_context()
    batch = OneRecord(Record(at.topic, at.partition, at.offset, timestamp_ms, key, value), state.get_bytes, put)
    AGENTS[at.topic](batch, POLICY)
    return batch.sent


if __name__ == "__main__":
    app = quix.application()
    {"last": last, "full": full}[os.environ["BENCH_RULE"]](app)
    app.run()
