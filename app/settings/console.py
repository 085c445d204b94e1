"""Settings of the console."""

from pathlib import Path

from pydantic import Field

from app.settings.address import LOOPBACK_HOST
from app.settings.process import ProcessSettings


class ConsoleSettings(ProcessSettings):
    """Address, users and thresholds of the console."""

    api_host: str = Field(
        LOOPBACK_HOST, description="address the console listens on; in demo mode loopback needs no login"
    )
    api_port: int | None = Field(
        None, ge=1, le=65_535, description="port of the console; default: 8080, moved by the port base"
    )
    api_users_file: Path = Field(
        Path(".geovelocity/users.jsonl"), description="file of the console's users and hashes of their tokens"
    )
    api_high_value: float = Field(
        1000.0, gt=0, le=1e12, description="amount, in any currency, from which a suspect counts as high-value"
    )
    api_high_value_window_s: int = Field(
        3600, ge=60, le=3600, description="seconds over which the console counts cardholders with high-value suspects"
    )
    console_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="URL at which analysts open the console; default: this machine",
    )

    @property
    def api(self) -> tuple[str, int]:
        """Host and port that the console listens on."""
        return self.api_host, self.api_port or self.ports.api

    @property
    def console(self) -> str:
        """URL at which a browser opens the console, without a slash at the end."""
        return self.console_url.rstrip("/") or f"http://{LOOPBACK_HOST}:{self.api[1]}"
