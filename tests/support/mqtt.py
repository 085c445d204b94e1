"""A real MQTT broker (amqtt) as a process: TCP and websockets, each with a login."""

import sys
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import yaml
from pwdlib.hashers.argon2 import Argon2Hasher

from deploy.local.ports import HOST
from deploy.local.process import Command

USER, PASSWORD = "bridge", "s3cret/@:"
ESCAPED = "s3cret%2F%40%3A"


@dataclass(frozen=True)
class MqttPorts:
    tcp: int
    websockets: int

    def url(self, transport: str, password: str = ESCAPED) -> str:
        """Return the URL as an operator sets it."""
        scheme, port = ("mqtt", self.tcp) if transport == "tcp" else ("ws", self.websockets)
        return f"{scheme}://{USER}:{password}@{HOST}:{port}"


def mqtt_broker(folder: Path, ports: MqttPorts) -> Command:
    """Return the command that runs the broker. It rejects clients without a login."""
    users = folder / "mqtt-users"
    users.write_text(f"{USER}:{Argon2Hasher().hash(PASSWORD)}\n", encoding="utf-8")
    config = {
        "listeners": {
            "default": {"type": "tcp", "bind": f"{HOST}:{ports.tcp}"},
            "websockets": {"type": "ws", "bind": f"{HOST}:{ports.websockets}"},
        },
        "plugins": {"amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(users)}},
    }
    file = folder / "mqtt.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")

    async def answers() -> bool:
        try:
            async with aiomqtt.Client(HOST, ports.tcp, username=USER, password=PASSWORD):
                return True
        except aiomqtt.MqttError:
            return False

    start = "from amqtt.scripts.broker_script import main; main()"
    argv = [sys.executable, "-W", "ignore", "-c", start, "-c", str(file)]
    return Command("mqtt", argv, answers, ports=(ports.tcp, ports.websockets))
