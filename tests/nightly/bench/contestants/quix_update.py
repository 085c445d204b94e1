"""The join as Quix Streams' documentation keeps state over two topics: concatenated, one stateful call per event.

It commits offsets after changelog and verdicts are delivered, and after a crash it skips changelog records beyond them.
So the state is consistent and no verdict is lost, but some are repeated. With BENCH_RULE=last it validates and masks
nothing. With `full` it does this service's work with this service's code, one event at a time, without erasure and
without expiry of silent phones.
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

CONTEXT: Final = AgentContext(
    Topics(verdicts=quix.VERDICTS, suspects=f"{quix.GROUP}-suspects", dead_letters=f"{quix.GROUP}-dead_letters"),
    Masker(Key("bench", b"no secret: the masked data are generated")),
    DEFAULT,
)
AGENTS: Final = {quix.LOCATIONS: ingest_positions, quix.TRANSACTIONS: score}


def last(app: Application) -> None:
    """Run with the last fix of each device as state."""
    pushes, payments = (app.dataframe(app.topic(name)) for name in (quix.LOCATIONS, quix.TRANSACTIONS))
    verdicts = pushes.concat(payments).apply(_judge, stateful=True).filter(bool)
    verdicts.to_topic(app.topic(quix.VERDICTS))


def _judge(record: dict[str, Any], state: State) -> dict[str, Any] | None:
    if "fixes" in record:
        state.set("fix", quix.last_fix(record))
        return None
    return quix.verdict(record, state.get("fix"))


def full(app: Application) -> None:
    """Run with the cells of this service as state of each device."""
    pushes, payments = (
        app.dataframe(app.topic(name, value_deserializer="bytes")) for name in (quix.LOCATIONS, quix.TRANSACTIONS)
    )
    names = (CONTEXT.topics.verdicts, CONTEXT.topics.suspects, CONTEXT.topics.dead_letters)
    config = TopicConfig(num_partitions=int(os.environ["BENCH_PARTITIONS"]), replication_factor=1)
    as_it_is = JSONSerializer(dumps=attrgetter("value"))
    topics = {name: app.topic(name, value_serializer=as_it_is, config=config) for name in names}
    sent = pushes.concat(payments).apply(_apply_agent, stateful=True, metadata=True, expand=True)
    sent.to_topic(lambda one, *_: topics[one.topic])


def _apply_agent(value: bytes, key: bytes, timestamp_ms: int, _headers: object, state: State) -> Iterable[Sent]:
    def put(cell: bytes, content: bytes | None) -> None:
        if content is None:
            state.delete(cell)
        else:
            state.set_bytes(cell, content)

    at = message_context()
    batch = OneRecord(Record(at.topic, at.partition, at.offset, timestamp_ms, key, value), state.get_bytes, put)
    AGENTS[at.topic](batch, CONTEXT)
    return batch.sent


if __name__ == "__main__":
    app = quix.application()
    {"last": last, "full": full}[os.environ["BENCH_RULE"]](app)
    app.run()
