"""Contestant: an engine that does the job in one way, how to start it, and what it does not do."""

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
"""For all: progress is what they have committed, so a rate is no more exact than that over the length of a run."""

ROOT: Final = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True, slots=True)
class Entry:
    """One start of a contestant: the process, and the consumer group whose commits tell how far it is.

    `progress`: tells how many records it is done with, where its engine commits nothing to Kafka.
    """

    command: Command
    group: str
    progress: Callable[[], Awaitable[int]] | None = None


@dataclass(frozen=True, slots=True)
class Contestant:
    """`key` names it on the command line, `title` in the report. `lacks`: what it leaves out of the job, in words.

    `requirements`: the file of its engine under `requirements/`; None: it runs in this project's environment.
    `enter`: makes what a start of that name needs, on the broker of these settings.
    """

    key: str
    title: str
    lacks: str
    enter: Callable[[Settings, str], Awaitable[Entry]]
    requirements: str | None = None


def namespaced(base: Settings, name: str) -> Settings:
    """This service's settings over the same input: another namespace and outputs of its own, the same two topics."""
    names = {topic: f"{name}-{topic}" for topic in ("verdicts", "suspects", "dead_letters")}
    topics = {f"topic_{topic}": name for topic, name in names.items()}
    return changed(base, namespace=name, commit_interval_s=COMMIT_INTERVAL_S, **topics)


async def detector(base: Settings, name: str) -> Entry:
    """This service's own worker."""
    settings = namespaced(base, name)
    await create_topics(settings)
    command = runner.worker("detector", settings, settings.ports.detector_health, name=name, restart=False)
    return Entry(command, f"{name}-detector")


def program(module: str, requirements: str | None = None, **environment: str) -> Callable[..., Awaitable[Entry]]:
    """A contestant that is a module of `contestants`, run by its engine's interpreter."""

    async def enter(base: Settings, name: str) -> Entry:
        argv = [str(python_of(requirements)), "-m", f"tests.nightly.bench.contestants.{module}"]
        return await started(base, name, argv, environment)

    return enter


async def started(base: Settings, name: str, argv: list[str], environment: dict[str, str]) -> Entry:
    """Return a contestant that runs this command line and is configured by its environment."""
    async with kafka_admin(base) as admin:
        await admin.create_topics([NewTopic(f"{name}-verdicts", base.partitions, 1)])
    told = {
        "BENCH_GROUP": name,
        "BENCH_KAFKA": base.kafka,
        "BENCH_PREFIX": base.topic_prefix,
        "BENCH_PARTITIONS": str(base.partitions),
        "BENCH_COMMIT_INTERVAL_S": str(COMMIT_INTERVAL_S),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }
    return Entry(Command(name, argv, _at_once, env=told | environment), name)


async def _at_once() -> bool:
    return True
