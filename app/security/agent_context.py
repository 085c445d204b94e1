"""The agents' context, made from the settings."""

from agents.context import AgentContext
from agents.rules.publish.mask import Masker
from app.security.masking_keys import masking_keys
from app.settings import Settings


def agent_context(settings: Settings) -> AgentContext:
    """Return everything of the settings that agents need.

    Raises:
        SettingsError: as `masking_keys`.
    """
    return AgentContext(settings.topics, Masker.of(masking_keys(settings)), settings.rule_preset, settings.luhn)
