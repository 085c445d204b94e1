"""One stack of real servers for each process of a run; a namespace of its own for every test that writes to them."""

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
from deploy.local.stack import Stack
from tests.support.scheduling import FileScheduling
from tests.support.seeds import VARIABLE

# A shared machine can be slow, so an example has no deadline. Examples that gate a merge are the same in every run.
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

# A server of the tests lives for minutes: what its JVM's second compiler takes from them it never gives back.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

_numbers = itertools.count(1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    """Called where several processes share the tests, as in `make test`."""
    config.option.loadscopereorder = False  # the long ones come first as it is, the many short ones even out the end
    return FileScheduling(config, log)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka, Elasticsearch and a MongoDB-compatible server, started when the first test asks for them."""
    with reserved_ports() as ports, asyncio.Runner() as runner:
        stack = Stack(tmp_path_factory.mktemp("servers"), ports)
        try:
            runner.run(stack.start_servers())
            yield stack
        finally:
            runner.run(stack.stop())


@pytest.fixture
def settings(servers: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of one test: its own topics, groups, collections and indexes on the shared servers."""
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
