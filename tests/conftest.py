"""One stack of real servers for each process of a run, and a namespace for every test that writes to them."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from app.local.ports import reserved_ports
from app.settings import Settings
from deploy.local import kafka
from deploy.local.stack import Stack
from tests.support.scheduling import FileScheduling
from tests.support.seeds import VARIABLE

# A shared machine can be slow, so an example has no deadline. Tests that gate a merge use fixed examples.
hypothesis.settings.register_profile(
    "gate",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    max_examples=200,
    derandomize=True,
    database=None,
)
hypothesis.settings.register_profile(
    "nightly", hypothesis.settings.get_profile("gate"), derandomize=False, max_examples=1000, print_blob=True
)
hypothesis.settings.load_profile("nightly" if os.environ.get(VARIABLE) == "random" else "gate")

# A test server lives for minutes only. The JVM's second compiler would not pay off in that time.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

# Records of tests have fixed dates. A broker that runs for five minutes would start to delete them by age.
kafka.PROPERTIES += "log.retention.check.interval.ms=86400000\n"

_numbers = itertools.count(1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    """Return the scheduler of runs with several processes, such as `make test`."""
    config.option.loadscopereorder = False  # keep the order: long files come first
    return FileScheduling(config, log)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start Kafka, Elasticsearch and a MongoDB-compatible server when the first test needs them."""
    with reserved_ports() as ports, asyncio.Runner() as runner:
        stack = Stack(tmp_path_factory.mktemp("servers"), ports)
        try:
            runner.run(stack.start_servers())
            yield stack
        finally:
            runner.run(stack.stop())


@pytest.fixture
def settings(servers: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings of one test: its own topics, groups, collections and indexes on the shared servers."""
    for name in [name for name in os.environ if name.startswith("GEOVELOCITY_")]:
        monkeypatch.delenv(name)
    number = next(_numbers)
    return Settings(
        port_base=servers.ports.kafka,
        namespace=f"test{number}",
        topic_prefix=f"test{number}-",
        partitions=4,
        session_timeout_s=6.0,
        commit_interval_s=0.5,
        state_dir=tmp_path,
        bridge_devices_file=tmp_path / "devices.jsonl",
    )
