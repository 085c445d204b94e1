"""The settings of alerts, which are part of `app.settings.settings.Settings`."""

from typing import Self

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import BaseSettings

from app.alerts.config import ChannelConfig


class AlertSettings(BaseSettings):
    """Whom to tell of which suspects, and how. Without a URL nobody is told."""

    alert_min_risk: int = Field(70, ge=0, le=100, description="people are told of final suspects from this risk on")
    alert_cool_down_s: float = Field(900.0, ge=0, le=86_400, description="between two alerts of one device")
    alert_attempts_max: int = Field(
        20, ge=1, le=1000, description="so often an alert is sent before it is a dead letter"
    )
    alert_give_up_s: float = Field(3600.0, ge=0, le=86_400, description="for so long at most")
    alert_webhook_url: SecretStr = Field(SecretStr(""), description="https://… that gets alerts, signed; default: none")
    alert_webhook_secret: SecretStr = Field(SecretStr(""), description="what they are signed with, 16 letters or more")
    alert_slack_url: SecretStr = Field(SecretStr(""), description="a chat's incoming webhook; default: none")
    alert_smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465; default: no mails"
    )
    alert_mail_from: str = Field("", description="sender of alerts")
    alert_mail_to: str = Field("", description="recipients of alerts, with commas between")
    alert_ca_file: FilePath | None = Field(None, description="certificates to trust, PEM; default: the system's")

    @model_validator(mode="after")
    def _destinations_are_right(self) -> Self:
        if complaint := self.alerts.complaint():
            raise ValueError(complaint)
        return self

    @property
    def alerts(self) -> ChannelConfig:
        """With their secrets: for those who send, never for a log."""
        return ChannelConfig(
            webhook_url=self.alert_webhook_url.get_secret_value(),
            webhook_secret=self.alert_webhook_secret.get_secret_value(),
            slack_url=self.alert_slack_url.get_secret_value(),
            smtp_url=self.alert_smtp_url.get_secret_value(),
            mail_from=self.alert_mail_from,
            mail_to=tuple(one.strip() for one in self.alert_mail_to.split(",") if one.strip()),
        )
