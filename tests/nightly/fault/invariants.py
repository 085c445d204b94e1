"""Invariants and their result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """One invariant: number, sentence, number of checks, and the violations, empty when it holds."""

    number: str
    says: str
    checked: int
    against: list[str]

    @property
    def holds(self) -> bool:
        return not self.against
