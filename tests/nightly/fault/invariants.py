"""Law: one invariant, and whether it held."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Law:
    """One invariant: its number in the findings, what it says, and what speaks against it: nothing, when it holds."""

    number: str
    says: str
    checked: int
    against: list[str]

    @property
    def holds(self) -> bool:
        return not self.against
