"""Settings of the bridge: where it listens, how phones reach it, and its MQTT broker."""

from pathlib import Path

from pydantic import Field, FilePath, SecretStr, field_validator

from app.settings.address import LOOPBACK_HOST
from app.settings.process import ProcessSettings
from sensor_logger_bridge.http.connection_limiter import CONNECTIONS_MAX
from sensor_logger_bridge.mqtt.address import TOPIC, MqttAddress, parse_mqtt_url
from sensor_logger_bridge.public_url import PublicUrl


class BridgeSettings(ProcessSettings):
    """Addresses, limits and devices of the bridge."""

    bridge_host: str = Field(LOOPBACK_HOST, description="address the bridge listens on")
    bridge_port: int | None = Field(
        None, ge=1, le=65_535, description="port of the bridge; default: 8100, moved by the port base"
    )
    bridge_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?)?$",
        description="https://… at which phones reach the bridge behind a proxy; default: this machine's LAN address",
    )
    bridge_connections_max: int = Field(
        CONNECTIONS_MAX,
        ge=16,
        le=100_000,
        description="open connections; one address gets at most a quarter until it shows a valid token",
    )
    bridge_mqtt_url: SecretStr = Field(
        SecretStr(""),
        description="mqtt://, mqtts://, ws:// or wss://user:password@host of Sensor Logger's broker; default: no MQTT",
    )
    bridge_mqtt_topic: str = Field(
        TOPIC,
        pattern=r"^([^\x00#+]*/)?\+$",
        description="topic filter at the MQTT broker; the last level of a topic is the phone's token",
    )
    bridge_mqtt_ca_file: FilePath | None = Field(
        None, description="PEM file of trusted certificates for the MQTT broker; default: those of the system"
    )
    bridge_devices_file: Path = Field(
        Path(".geovelocity/devices.jsonl"), description="file of the paired devices and hashes of their tokens"
    )

    @field_validator("bridge_mqtt_url")
    @classmethod
    def _is_mqtt(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            parse_mqtt_url(url.get_secret_value())
        return url

    @property
    def bridge(self) -> tuple[str, int]:
        """Host and port that the bridge listens on."""
        return self.bridge_host, self.bridge_port or self.ports.bridge

    @property
    def public_url(self) -> PublicUrl:
        """Address at which phones reach the bridge."""
        return PublicUrl(*self.bridge, self.bridge_url)

    @property
    def mqtt(self) -> MqttAddress | None:
        """Address of the MQTT broker with its password, or None where MQTT is off."""
        url = self.bridge_mqtt_url.get_secret_value()
        return parse_mqtt_url(url) if url else None
