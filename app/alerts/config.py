"""Destinations: where alerts go, as the settings say, and what is wrong with that."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from app.settings.address import LOOPBACK, hosts_of

WEBHOOK: Final = "webhook"
EMAIL: Final = "email"
SLACK: Final = "slack"
CHANNELS: Final = (WEBHOOK, EMAIL, SLACK)
"""Also the ends of the names of their consumer groups."""

SECRET_LETTERS_MIN: Final = 16
SUBMISSION: Final = 587
SUBMISSION_TLS: Final = 465


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    """Where mails are handed in. `tls`: from the first byte on; else STARTTLS, which may fail on this machine alone."""

    host: str
    port: int
    tls: bool
    starttls: bool
    username: str | None
    password: str | None = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "SmtpConfig":
        """From `smtp[s]://[user:password@]host[:port]`, letters that mean something in a URL written as %XX.

        Raises:
            ValueError: the port is none.
        """
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (SUBMISSION_TLS if tls else SUBMISSION),
            tls=tls,
            starttls=not tls and parts.hostname not in LOOPBACK,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """Empty texts: no such channel. URLs may be secrets themselves, as those of chats are."""

    webhook_url: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    slack_url: str = field(repr=False)
    smtp_url: str = field(repr=False)
    mail_from: str
    mail_to: tuple[str, ...]

    @property
    def addresses(self) -> dict[str, str]:
        """By the setting that has it, each address that is used."""
        told = {"webhook_url": self.webhook_url, "slack_url": self.slack_url, "smtp_url": self.smtp_url}
        return {f"alert_{name}": address for name, address in told.items() if address}

    @property
    def targets(self) -> dict[str, str]:
        """The channels that are configured, each with its host, which may be shown."""
        urls = {WEBHOOK: self.webhook_url, EMAIL: self.smtp_url, SLACK: self.slack_url}
        return {name: urlsplit(urls[name]).hostname or "" for name in CHANNELS if urls[name]}

    def complaint(self) -> str | None:
        """What is wrong with them, in a sentence that shows none; None: nothing."""
        for name, url in (("alert_webhook_url", self.webhook_url), ("alert_slack_url", self.slack_url)):
            if url and not _is_safe(url):
                return f"{name} must begin with https:// and name a host; http:// is for this machine alone"
        if self.webhook_url and len(self.webhook_secret) < SECRET_LETTERS_MIN:
            return f"alert_webhook_url needs alert_webhook_secret, {SECRET_LETTERS_MIN} letters or more, to sign with"
        if self.smtp_url and not _is_mail_server(self.smtp_url):
            return "alert_smtp_url must be smtp://host:587 (STARTTLS) or smtps://host:465; a login goes before the host"
        if self.smtp_url and not all("@" in one for one in (self.mail_from, *(self.mail_to or ("",)))):
            return "alert_smtp_url needs alert_mail_from, and alert_mail_to with at least one address"
        return None


def _is_safe(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    hosts = hosts_of(url)
    return bool(rest and hosts) and (scheme == "https" or (scheme == "http" and hosts <= LOOPBACK))


def _is_mail_server(url: str) -> bool:
    try:
        server = SmtpConfig.of(url)
    except ValueError:
        return False
    return url.startswith(("smtp://", "smtps://")) and bool(server.host)
