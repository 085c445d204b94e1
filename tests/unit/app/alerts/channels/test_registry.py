"""The registry of alert channels: settings and sender of a channel find each other by name."""

import pytest

from app.alerts.channels.base import ssl_context
from app.alerts.channels.registry import maker
from app.settings import Settings
from app.settings.alerts import CHANNEL_SPECS, ChannelSpec

CONFIGURED = Settings(
    _env_file=None,
    alert_webhook_url="http://127.0.0.1:9/x",
    alert_webhook_secret="0123456789abcdef",
    alert_slack_url="http://127.0.0.1:9/x",
    alert_smtp_url="smtp://127.0.0.1:9",
    alert_mail_from="geovelocity@bank.example",
    alert_mail_to="fraud@bank.example",
)


@pytest.mark.parametrize("spec", CHANNEL_SPECS, ids=lambda spec: spec.name)
async def test_each_channel_in_the_settings_has_a_module_that_makes_it(spec: ChannelSpec) -> None:
    channel = maker(spec.name)(CONFIGURED, ssl_context(CONFIGURED))
    assert channel.name == spec.name
    await channel.close()
