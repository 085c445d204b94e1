"""Harness: servers, workers, proxies and traffic of one run, and queries about them."""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from app.errors import UnavailableError
from app.kafka.client import kafka_admin
from app.kafka.topic_reader import reader
from app.local import runner
from app.local.ports import reserved_ports
from app.provisioning.stores import prepare_stores
from app.provisioning.topics import changelog_of, create_topics, wanted_topics
from app.security.masking_keys import new_key
from app.settings import Settings
from deploy.local import elastic, mongo
from deploy.local.ports import HOST
from deploy.local.process import Command, LocalProcess
from deploy.local.stack import Say, Stack
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.nightly.fault.brokers import Brokers
from tests.nightly.fault.proxy import Proxy
from tests.nightly.fault.traffic import BRIDGED_DEVICES, Traffic
from tests.support.keys import write_keys
from tests.support.service import changed, worker

POLL_S: Final = 0.1
COMPACT_SOON: Final = MappingProxyType({"segment.ms": "60000", "max.compaction.lag.ms": "60000"})
APPS: Final = ("detector", "sink-mongo", "sink-elastic")
STORES: Final = {"elasticsearch": elastic.command, "mongo": mongo.command}


@dataclass
class Harness:
    """The running system. `workers`: by name, restarted by supervisors. `rss_bytes`: maximum memory of each."""

    settings: Settings
    stack: Stack
    brokers: Brokers
    to_mongo: Proxy
    to_elastic: Proxy
    traffic: Traffic
    workers: dict[str, LocalProcess] = field(default_factory=dict)
    rss_bytes: dict[str, int] = field(default_factory=dict)
    held: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Lock by worker, so that two faults never act on the same one."""

    stores_away: set[str] = field(default_factory=set)
    """Sink apps whose store is unavailable now."""

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return the input topics by consumer group."""
        topics = self.settings.topics
        sources = {
            "detector": (topics.locations, topics.transactions),
            "sink-mongo": (topics.verdicts, topics.suspects),
            "sink-elastic": (topics.verdicts, topics.suspects),
        }
        return {f"{self.settings.namespace}-{app}": names for app, names in sources.items()}

    def detector(self, number: int, **environment: str) -> Command:
        return worker("detector", self.settings, number, restart=not environment, environment=environment)

    async def start_workers(self) -> None:
        commands = [
            self.detector(0),
            self.detector(1),
            worker("mongo", self.settings, 2, restart=True),
            worker("elastic", self.settings, 3, restart=True),
            runner.bridge(self.settings),
        ]
        self.workers = {command.name: LocalProcess(command, self.settings.state_dir) for command in commands}
        for process in self.workers.values():
            process.start()
        await asyncio.gather(*[process.wait_ready() for process in self.workers.values()])

    async def restart_server(self, name: str) -> None:
        """Start a killed server again on its data."""
        await self.stack.start_servers([(STORES | self.brokers.servers)[name]])

    async def in_flight(self) -> int:
        """Return the number of input records that the detector has not committed."""
        group, topics = next(iter(self.groups.items()))
        ends = await self.ends(topics)
        done = await self.committed(group)
        return sum(max(0, end - done.get(place, 0)) for place, end in ends.items())

    async def ends(self, topics: tuple[str, ...]) -> Mapping[TopicPartition, int]:
        async with reader(self.settings, *topics) as consumer:
            ends: Mapping[TopicPartition, int] = await consumer.end_offsets(list(consumer.assignment()))
        return ends

    async def committed(self, group: str) -> Mapping[TopicPartition, int]:
        async with kafka_admin(self.settings) as admin:
            offsets = await admin.list_consumer_group_offsets(group)
        return {place: meta.offset for place, meta in offsets.items()}

    async def caught_up(self, within_s: float, apps: Sequence[str] = APPS) -> float | None:
        """Return the seconds until these groups have committed today's end of their topics; None on timeout."""
        groups = {f"{self.settings.namespace}-{app}" for app in apps}
        began_s = time.monotonic()
        wanted: dict[str, Mapping[TopicPartition, int]] | None = None
        while time.monotonic() - began_s < within_s:
            try:
                if wanted is None:
                    wanted = {
                        group: await self.ends(topics) for group, topics in self.groups.items() if group in groups
                    }
                behind = 0
                for group, ends in wanted.items():
                    done = await self.committed(group)
                    behind += sum(done.get(place, 0) < end for place, end in ends.items())
                if behind == 0:
                    return time.monotonic() - began_s
            except (KafkaError, UnavailableError):
                pass  # the broker is not up yet; this time counts
            await asyncio.sleep(POLL_S * 3)
        return None

    async def settled(self, within_s: float) -> bool:
        """Wait until every group has caught up. Twice, since the stores also need the detector's last output."""
        for _ in range(2):
            if await self.caught_up(within_s) is None:
                return False
        return True

    async def ready_after(self, process: LocalProcess, within_s: float) -> float | None:
        """Return the seconds until a worker is ready; None on timeout."""
        began_s = time.monotonic()
        while time.monotonic() - began_s < within_s:
            try:
                if await process.command.ready():
                    return time.monotonic() - began_s
            except OSError:
                pass
            await asyncio.sleep(POLL_S)
        return None

    async def watch_memory(self) -> None:
        """Record the memory of every worker until cancelled."""
        while True:
            for name, process in self.workers.items():
                try:
                    resident = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1])
                except (OSError, ValueError, IndexError):
                    continue  # it is being restarted
                size = resident * os.sysconf("SC_PAGE_SIZE")
                self.rss_bytes[name] = max(self.rss_bytes.get(name, 0), size)
            await asyncio.sleep(2.0)


@asynccontextmanager
async def start_harness(folder: Path, seed: int, brokers: int, say: Say) -> AsyncIterator[Harness]:
    """Start and provision everything; stop it at the end in every case."""
    with reserved_ports() as ports:
        async with (
            Stack(folder / "servers", ports, say) as stack,
            Proxy(ports.mongo) as to_mongo,
            Proxy(ports.elastic) as to_elastic,
        ):
            cluster = Brokers(ports, brokers)
            await stack.start_servers([*cluster.servers.values(), *STORES.values()])
            keys = folder / "keys"
            write_keys(keys, new_key("k1"))
            settings = Settings(
                _env_file=None,
                port_base=ports.kafka,
                kafka_bootstrap=cluster.bootstrap,
                replication_factor=brokers,
                min_insync_replicas=max(1, brokers - 1),
                namespace="fault",
                session_timeout_s=6.0,
                commit_interval_s=0.5,
                state_dir=folder,
                bridge_devices_file=folder / "devices.jsonl",
                keys_file=keys,
                elastic_url=f"http://{HOST}:{to_elastic.port}",
                mongo_url=f"mongodb://{HOST}:{to_mongo.port}/?directConnection=true",
            )
            await asyncio.gather(create_topics(settings), prepare_stores(settings))
            await _compact_soon(settings)
            devices = DeviceRegistry(settings.bridge_devices_file)
            tokens = {name: devices.add(name) for name in (f"bridged-{9000 + n}" for n in range(BRIDGED_DEVICES))}
            here = Harness(settings, stack, cluster, to_mongo, to_elastic, Traffic(settings, seed, tokens))
            try:
                await here.start_workers()
                yield here
            finally:
                await asyncio.gather(*[process.stop() for process in here.workers.values()])


async def _compact_soon(settings: Settings) -> None:
    """Make compaction happen within minutes instead of days."""
    await configure(settings, changelog_of(settings), COMPACT_SOON)


async def configure(settings: Settings, topic: str, changes: Mapping[str, str]) -> None:
    """Change one configuration of a topic and keep the others that `init` has set."""
    values = dict(wanted_topics(settings)[topic]) | dict(changes)
    async with kafka_admin(settings) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=values)])


def settings_without_proxies(settings: Settings, stack: Stack) -> Settings:
    """Return settings that reach the stores without the proxies."""
    ports = stack.ports
    return changed(
        settings,
        elastic_url=f"http://{HOST}:{ports.elastic}",
        mongo_url=f"mongodb://{HOST}:{ports.mongo}/?directConnection=true",
    )
