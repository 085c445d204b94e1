"""Brokers: the cluster of a run, one broker or three."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from app.settings.ports import Ports
from deploy.local import kafka
from deploy.local.kafka import Node
from deploy.local.ports import HOST, ServerPorts
from deploy.local.process import Command
from deploy.local.stack import Server

FREE: Final = ((10, 11), (18, 19))
"""Offset of two more brokers in the port block of a stack."""


class Brokers:
    """The brokers of a run. `servers`: command of each, by name."""

    def __init__(self, ports: Ports, count: int) -> None:
        places = [(ports.kafka, ports.kafka_controller), *((ports.kafka + a, ports.kafka + b) for a, b in FREE)]
        self._nodes = [Node(number, *place) for number, place in enumerate(places[:count], 1)]
        self._cluster = kafka.cluster_id()
        self.servers: dict[str, Server] = {_name(node): partial(self._command, node) for node in self._nodes}

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{HOST}:{node.port}" for node in self._nodes)

    @property
    def names(self) -> Sequence[str]:
        return list(self.servers)

    async def _command(self, node: Node, run_dir: Path, _ports: ServerPorts) -> Command:
        return await kafka.broker(run_dir / _name(node), _name(node), node, self._nodes, self._cluster)


def _name(node: Node) -> str:
    return f"kafka-{node.number}"
