"""Contestants: engines that do the job of this service, their start commands, and the parts that they leave out."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiokafka.admin import NewTopic

from app.kafka.client import kafka_admin
from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import Command
from tests.nightly.bench.environment import python_of
from tests.support.service import changed

COMMIT_INTERVAL_S: Final = 0.25
"""Commit interval of every contestant. Progress is the committed offset, so this limits the accuracy of a rate."""

ROOT: Final = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True, slots=True)
class Entry:
    """One start of a contestant: the process, and the consumer group whose commits show its progress.

    `progress`: returns the number of completed records, for an engine that commits nothing to Kafka.
    """

    command: Command
    group: str
    progress: Callable[[], Awaitable[int]] | None = None


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to do the job. `key`: its name on the command line. `title`: its name in the report.

    `lacks`: the parts of the job that it leaves out, in words. `requirements`: the file of its engine under
    `requirements/`; None: it runs in this project's environment. `enter`: prepares a start under a name, on the broker
    of the settings.
    """

    key: str
    title: str
    lacks: str
    enter: Callable[[Settings, str], Awaitable[Entry]]
    requirements: str | None = None


def namespaced(base: Settings, name: str) -> Settings:
    """Return settings of this service that read the same two topics and write to a namespace of their own."""
    names = {topic: f"{name}-{topic}" for topic in ("verdicts", "suspects", "dead_letters")}
    topics = {f"topic_{topic}": name for topic, name in names.items()}
    return changed(base, namespace=name, commit_interval_s=COMMIT_INTERVAL_S, **topics)


async def detector(base: Settings, name: str) -> Entry:
    """Return an entry that runs a worker of this service."""
    settings = namespaced(base, name)
    await create_topics(settings)
    command = runner.worker("detector", settings, settings.ports.detector_health, name=name, restart=False)
    return Entry(command, f"{name}-detector")


def program(module: str, requirements: str | None = None, **environment: str) -> Callable[..., Awaitable[Entry]]:
    """Return a contestant that runs a module of `contestants` in the environment of its engine."""

    async def enter(base: Settings, name: str) -> Entry:
        argv = [str(python_of(requirements)), "-m", f"tests.nightly.bench.contestants.{module}"]
        return await started(base, name, argv, environment)

    return enter


async def started(base: Settings, name: str, argv: list[str], environment: dict[str, str]) -> Entry:
    """Return a contestant that runs this command line and is configured by its environment."""
    async with kafka_admin(base) as admin:
        await admin.create_topics([NewTopic(f"{name}-verdicts", base.partitions, 1)])
    inputs = {
        "BENCH_GROUP": name,
        "BENCH_KAFKA": base.kafka,
        "BENCH_PREFIX": base.topic_prefix,
        "BENCH_PARTITIONS": str(base.partitions),
        "BENCH_COMMIT_INTERVAL_S": str(COMMIT_INTERVAL_S),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }
    return Entry(Command(name, argv, _at_once, env=inputs | environment), name)


async def _at_once() -> bool:
    return True
