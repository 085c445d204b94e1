"""Address and login of an MQTT broker: `mqtt://user:password@host:port`, or `ws://` for websockets."""

from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

TOPIC: Final = "sensor-logger/+"
DEFAULT_PATH: Final = "/mqtt"

_SCHEMES: Final[dict[str, tuple[Literal["tcp", "websockets"], bool, int]]] = {
    "mqtt": ("tcp", False, 1883),
    "mqtts": ("tcp", True, 8883),
    "ws": ("websockets", False, 80),
    "wss": ("websockets", True, 443),
}


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """Address of one broker. `path`: for websockets only."""

    transport: Literal["tcp", "websockets"]
    tls: bool
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    path: str = DEFAULT_PATH


def parse_mqtt_url(url: str) -> MqttAddress:
    """Parse a URL. Its login is percent-encoded.

    Raises:
        ValueError: it is not an MQTT URL. The message does not quote it, because it may contain a password.
    """
    schemes = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
    problem = f"is not the address of an MQTT broker: give one of {schemes} and a host"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(problem) from None
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(problem)
    transport, tls, default_port = _SCHEMES[parts.scheme]
    return MqttAddress(
        transport=transport,
        tls=tls,
        host=parts.hostname,
        port=port or default_port,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        path=parts.path if parts.path.strip("/") else DEFAULT_PATH,
    )
