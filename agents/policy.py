"""Policy: what one deployment has decided. Everything an agent needs beside its batch."""

from dataclasses import dataclass

from agents.rules.mask import Masker
from agents.rules.preset import Preset
from schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class Policy:
    """The names of the topics, the masking key, the rule's parameters. `luhn`: refuse cards that fail their check."""

    topics: Topics
    masker: Masker
    preset: Preset
    luhn: bool = False
