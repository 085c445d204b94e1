"""Policy: what one deployment has decided. Everything an agent needs beside its batch."""

from dataclasses import dataclass

from agents.rules.parameters import RuleParameters
from agents.rules.publish.mask import Masker
from schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class AgentContext:
    """The names of the topics, the masking key, the rule's parameters. `luhn`: refuse cards that fail their check."""

    topics: Topics
    masker: Masker
    preset: RuleParameters
    luhn: bool = False
