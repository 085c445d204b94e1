"""Contestants of `make bench`, in the order of the report."""

import sys
from typing import Final

from app.settings import Settings
from tests.nightly.bench.bytewax import bytewax
from tests.nightly.bench.contestant import Contestant, Entry, detector, program, started
from tests.nightly.bench.jars import program_with_jars
from tests.nightly.bench.kafka_streams import streams


async def _faust(base: Settings, name: str) -> Entry:
    argv = [sys.executable, "-m", "faust", "-A", "tests.nightly.bench.contestants.faust_stock"]
    return await started(base, name, [*argv, "worker", "-l", "info", "--without-web"], {})


OURS: Final = Contestant("ours", "this service", "", detector)
STOCK: Final = Contestant(
    "faust",
    "stock Faust",
    "the last fix alone, no validation, no masking; loses records in a crash (ADR 3)",
    _faust,
)
STREAMS: Final = (
    Contestant(
        "streams",
        "Kafka Streams, table in memory",
        "the last fix alone, no validation, no masking",
        streams(BENCH_STORE="memory"),
    ),
    Contestant(
        "streams-rocksdb",
        "Kafka Streams, table in RocksDB",
        "the last fix alone, no validation, no masking",
        streams(BENCH_STORE="rocksdb"),
    ),
    Contestant(
        "streams-history",
        "Kafka Streams, the last 64 fixes",
        "a rule of speed alone, no validation, no masking",
        streams(BENCH_STORE="memory", BENCH_RULE="history"),
    ),
)
QUIX: Final = (
    Contestant(
        "quix",
        "Quix Streams",
        "the last fix alone, no validation, no masking",
        program("quix_update", "quix", BENCH_RULE="last"),
        "quix",
    ),
    Contestant(
        "quix-full",
        "Quix Streams, this service's rule",
        "no erasure, no expiry of silent phones",
        program("quix_update", "quix", BENCH_RULE="full"),
        "quix",
    ),
    Contestant(
        "quix-join",
        "Quix Streams, its as-of join",
        "the last fix alone, no validation, no masking",
        program("quix_join", "quix"),
        "quix",
    ),
)
FLINK: Final = Contestant(
    "flink",
    "PyFlink",
    "the last fix alone, no validation, no masking; verdicts have no key",
    program_with_jars("flink_join", "flink"),
    "flink",
)
LOOPS: Final = (
    Contestant(
        "loop",
        "a loop by hand on aiokafka",
        "the last fix alone, no validation, no masking; one process, no rebalancing; sends twice after a crash",
        program("aiokafka_loop", BENCH_RULE="last"),
    ),
    Contestant(
        "loop-full",
        "a loop by hand on aiokafka, this service's rule",
        "one process, no rebalancing; sends twice after a crash",
        program("aiokafka_loop", BENCH_RULE="full"),
    ),
)
BYTEWAX: Final = (
    Contestant(
        "bytewax",
        "Bytewax",
        "the last fix alone, no validation, no masking; state on a local disk; sends twice after a crash",
        bytewax(BENCH_RULE="last"),
        "bytewax",
    ),
    Contestant(
        "bytewax-full",
        "Bytewax, this service's rule",
        "no expiry of silent phones; state on a local disk; sends twice after a crash",
        bytewax(BENCH_RULE="full"),
        "bytewax",
    ),
)
SPARK: Final = Contestant(
    "spark",
    "PySpark",
    "the last fix alone, no validation, no masking",
    program_with_jars("spark_join", "spark"),
    "spark",
)
FIELD: Final = (OURS, STOCK, *STREAMS, *QUIX, *BYTEWAX, *LOOPS)
ON_REQUEST: Final = (FLINK, SPARK)
"""Contestants for `--only`: on a busy machine their first commit comes after the time limit of `rate`."""
