"""The settings of the bridge: where it listens, and how phones find it."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from deploy.local.ports import HOST
from sensor_logger_bridge.door import CONNECTIONS_MAX


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
    bridge_devices_file: Path = Field(Path(".geovelocity/devices.jsonl"), description="which token is whose device")
