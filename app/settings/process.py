"""Settings that every process has: mode, names, ports, folders and logging."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.ports import Ports


class ProcessSettings(BaseSettings):
    """Settings of every process."""

    mode: Literal["demo", "production"] = Field(
        "demo", description="`demo` masks with a public key, so every address must be on this machine"
    )
    namespace: str = Field(
        "geovelocity",
        pattern=r"^[a-z][a-z0-9-]{0,40}$",
        description="prefix of consumer groups, collections and indexes",
    )
    port_base: int | None = Field(
        None, ge=1024, le=65_000, description="first port of a block that replaces all default ports"
    )
    state_dir: Path = Field(Path(".geovelocity"), description="folder of local state and of the local servers")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="log level; client libraries stay at INFO, because at DEBUG they quote records"
    )
    health_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="port for /livez, /readyz and /metrics of a worker, and for /metrics of the bridge",
    )

    @property
    def ports(self) -> Ports:
        """Default port of every process, moved by `port_base`."""
        return Ports() if self.port_base is None else Ports.from_base(self.port_base)
