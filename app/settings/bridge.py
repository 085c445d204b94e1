"""The settings of the bridge: where it listens, and how phones find it."""

from pathlib import Path

from pydantic import Field, FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings

from deploy.local.ports import HOST
from sensor_logger_bridge.http.connection_limiter import CONNECTIONS_MAX
from sensor_logger_bridge.mqtt.address import TOPIC, MqttAddress, parse_mqtt_url


class BridgeSettings(BaseSettings):
    """A part of the one settings object."""

    bridge_host: str = Field(HOST, description="where the bridge listens")
    bridge_port: int | None = Field(None, ge=1, le=65_535, description="default: 8100, or what the port base says")
    bridge_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?)?$",
        description="where phones reach it behind a proxy, https://…; default: this machine's address in its network",
    )
    bridge_connections_max: int = Field(
        CONNECTIONS_MAX,
        ge=16,
        le=100_000,
        description="open at once; a quarter from one address before it shows a token",
    )
    bridge_mqtt_url: SecretStr = Field(
        SecretStr(""),
        description="mqtt://, mqtts://, ws:// or wss://user:password@host: where Sensor Logger sends over MQTT",
    )
    bridge_mqtt_topic: str = Field(
        TOPIC, pattern=r"^([^\x00#+]*/)?\+$", description="what to listen to there; its last part is a phone's token"
    )
    bridge_mqtt_ca_file: FilePath | None = Field(
        None, description="certificates to trust at the MQTT broker, PEM; default: the system's"
    )
    bridge_devices_file: Path = Field(Path(".geovelocity/devices.jsonl"), description="which token is whose device")

    @field_validator("bridge_mqtt_url")
    @classmethod
    def _is_mqtt(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            parse_mqtt_url(url.get_secret_value())
        return url

    @property
    def mqtt(self) -> MqttAddress | None:
        """With its password. None: the bridge does not listen to MQTT."""
        url = self.bridge_mqtt_url.get_secret_value()
        return parse_mqtt_url(url) if url else None
