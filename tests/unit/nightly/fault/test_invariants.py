"""An invariant of the fault tests and its violations."""

from tests.nightly.fault.invariants import Invariant


def test_an_invariant_holds_without_violations() -> None:
    assert Invariant("I1", "no loss", 5, []).holds
    assert not Invariant("I1", "no loss", 5, ["tx-1"]).holds
