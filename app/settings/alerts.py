"""Alert settings: thresholds, the retry policy, and the fields of each alert channel.

To add a channel, add its fields to `AlertSettings` and its line to `CHANNEL_SPECS`, and write
`app/alerts/channels/<name>.py` with a function `make`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import BaseSettings

from app.settings.address import LOOPBACK, hosts_of

WEBHOOK: Final = "webhook"
EMAIL: Final = "email"
SLACK: Final = "slack"

SECRET_CHARACTERS_MIN: Final = 16
SUBMISSION_PORT: Final = 587
SUBMISSION_TLS_PORT: Final = 465


class AlertSettings(BaseSettings):
    """Thresholds, retry policy and channels of alerts. A channel without a URL is off."""

    alert_min_risk: int = Field(70, ge=0, le=100, description="lowest risk of a final suspect that causes an alert")
    alert_cool_down_s: float = Field(900.0, ge=0, le=86_400, description="minimum time between two alerts of a device")
    alert_attempts_max: int = Field(
        20, ge=1, le=1000, description="maximum delivery attempts per alert before it goes to `dead_letters`"
    )
    alert_give_up_s: float = Field(3600.0, ge=0, le=86_400, description="maximum time to keep retrying an alert")
    alert_webhook_url: SecretStr = Field(
        SecretStr(""), description="https://… that receives signed alerts; default: none"
    )
    alert_webhook_secret: SecretStr = Field(
        SecretStr(""), description="secret that signs webhook alerts, 16 characters or more"
    )
    alert_slack_url: SecretStr = Field(SecretStr(""), description="a chat's incoming webhook; default: none")
    alert_smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465; default: no mails"
    )
    alert_mail_from: str = Field("", description="sender of alerts")
    alert_mail_to: str = Field("", description="recipients of alerts, separated by commas")
    alert_ca_file: FilePath | None = Field(None, description="certificates to trust, PEM; default: the system's")

    @model_validator(mode="after")
    def _channels_are_valid(self) -> Self:
        for spec in self._configured():
            if problem := spec.problem(self):
                raise ValueError(problem)
        return self

    @property
    def alert_targets(self) -> dict[str, str]:
        """Host by name of each configured channel. A host may be shown, its URL may not."""
        return {spec.name: urlsplit(spec.url(self)).hostname or "" for spec in self._configured()}

    @property
    def alert_addresses(self) -> dict[str, str]:
        """URL by setting of each configured channel. URLs can be secrets, as those of chats are."""
        return {spec.url_setting: spec.url(self) for spec in self._configured()}

    @property
    def alert_recipients(self) -> tuple[str, ...]:
        """Mail addresses that receive alerts."""
        return tuple(one.strip() for one in self.alert_mail_to.split(",") if one.strip())

    def _configured(self) -> list["ChannelSpec"]:
        return [spec for spec in CHANNEL_SPECS if spec.url(self)]


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    """Mail submission server. `tls`: TLS from the first byte, else STARTTLS, which only this machine may do without."""

    host: str
    port: int
    tls: bool
    starttls: bool
    username: str | None
    password: str | None = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "SmtpConfig":
        """Parse `smtp[s]://[user:password@]host[:port]`, where reserved characters are written as %XX.

        Raises:
            ValueError: the port is not a number.
        """
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (SUBMISSION_TLS_PORT if tls else SUBMISSION_PORT),
            tls=tls,
            starttls=not tls and parts.hostname not in LOOPBACK,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """An alert channel as the settings describe it.

    `name`: its label in metrics, the end of its consumer group, and its module in `app.alerts.channels`.
    `url_setting`: the setting whose URL turns the channel on. `problem`: return a sentence about wrong settings without
    quoting them, or None.
    """

    name: str
    url_setting: str
    problem: Callable[[AlertSettings], str | None]

    def url(self, settings: AlertSettings) -> str:
        """Return the channel's URL, which may be secret. Empty: the channel is off."""
        secret: SecretStr = getattr(settings, self.url_setting)
        return secret.get_secret_value()


def _webhook_problem(settings: AlertSettings) -> str | None:
    if problem := _http_problem("alert_webhook_url", settings.alert_webhook_url):
        return problem
    if len(settings.alert_webhook_secret.get_secret_value()) < SECRET_CHARACTERS_MIN:
        return f"alert_webhook_url needs alert_webhook_secret, {SECRET_CHARACTERS_MIN} characters or more, to sign with"
    return None


def _slack_problem(settings: AlertSettings) -> str | None:
    return _http_problem("alert_slack_url", settings.alert_slack_url)


def _http_problem(setting: str, secret: SecretStr) -> str | None:
    url = secret.get_secret_value()
    scheme, _, rest = url.partition("://")
    hosts = hosts_of(url)
    if rest and hosts and (scheme == "https" or (scheme == "http" and hosts <= LOOPBACK)):
        return None
    return f"{setting} must begin with https:// and name a host; http:// is only allowed on this machine"


def _email_problem(settings: AlertSettings) -> str | None:
    if not _is_mail_server(settings.alert_smtp_url.get_secret_value()):
        return "alert_smtp_url must be smtp://host:587 (STARTTLS) or smtps://host:465, with a login before the host"
    if not all("@" in one for one in (settings.alert_mail_from, *(settings.alert_recipients or ("",)))):
        return "alert_smtp_url needs alert_mail_from, and alert_mail_to with at least one address"
    return None


def _is_mail_server(url: str) -> bool:
    try:
        server = SmtpConfig.of(url)
    except ValueError:
        return False
    return url.startswith(("smtp://", "smtps://")) and bool(server.host)


CHANNEL_SPECS: Final = (
    ChannelSpec(WEBHOOK, "alert_webhook_url", _webhook_problem),
    ChannelSpec(EMAIL, "alert_smtp_url", _email_problem),
    ChannelSpec(SLACK, "alert_slack_url", _slack_problem),
)
"""The registry of alert channels. Its order is that of lists and metrics."""

CHANNELS: Final = tuple(spec.name for spec in CHANNEL_SPECS)
