"""Agent context: the configuration that an agent gets with each batch."""

from dataclasses import dataclass

from agents.rules.parameters import RuleParameters
from agents.rules.publish.mask import Masker
from schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class AgentContext:
    """Topic names, masking keys and rule parameters of one deployment. `luhn`: reject cards that fail their check."""

    topics: Topics
    masker: Masker
    parameters: RuleParameters
    luhn: bool = False
