"""Assessment: findings combined with related payments."""

from hashlib import blake2b

from agents.rules.decision.assessment import NO_PLACE, Assessment, ComparedPayment, RelatedPayments, presence_of, relate
from agents.rules.decision.card_velocity import Conflict, Presence
from agents.rules.decision.episode import Episode
from agents.rules.decision.risk import RiskFactors
from agents.rules.parameters import DEFAULT
from agents.rules.publish.short_hash import short_hash
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.card import NO_FACTORS, use
from tests.support.phone import judged, location, point, resting


def compared(
    name: str, metres_east: float, seconds: float, presence: Presence, factors: RiskFactors
) -> ComparedPayment:
    return ComparedPayment(name.encode(), b"card", location(metres_east, seconds), presence, factors)


def test_payments_without_a_suspect_are_unrelated() -> None:
    for presences in ([Presence.OPEN], [Presence.PRESENT], [Presence.OPEN, Presence.PRESENT], [Presence.OPEN] * 2):
        payments = [compared(str(number), 0, number, one, NO_FACTORS) for number, one in enumerate(presences)]
        assert relate(payments, DEFAULT) == {one.id: RelatedPayments() for one in payments}
    assert relate([], DEFAULT) == {}


def test_a_payment_without_a_location_is_settled_and_scores_nothing() -> None:
    assert NO_PLACE.finding.settled
    assert (NO_PLACE.related, NO_PLACE.factors, NO_PLACE.risk(DEFAULT.risk_weights)) == (
        RelatedPayments(),
        NO_FACTORS,
        None,
    )


def test_a_single_suspect_is_an_episode() -> None:
    factors = RiskFactors(20, 10, 5)
    assert relate([compared("a", 0, 0, Presence.ABSENT, factors)], DEFAULT) == {
        b"a": RelatedPayments(None, Episode(b"a", 1, 35))
    }


def test_suspects_of_different_signals_form_one_episode() -> None:
    found = relate(
        [
            compared("a", 0, 0, Presence.PRESENT, NO_FACTORS),
            compared("b", 400_000, 60, Presence.OPEN, NO_FACTORS),
            compared("c", 400_000, 90, Presence.ABSENT, RiskFactors(10, 10, 0)),
            compared("d", 0, 120, Presence.PRESENT, NO_FACTORS),
        ],
        DEFAULT,
    )
    assert (found[b"a"], found[b"d"]) == (RelatedPayments(), RelatedPayments())
    assert found[b"b"].conflict is not None
    assert found[b"b"].conflict.other.id == b"a"
    assert [(found[name].episode or Episode(b"", 0, 0)).number for name in (b"b", b"c")] == [1, 2]


def test_a_conflict_overrides_a_clear_finding_and_puts_its_code_first() -> None:
    clear = judged([point(-1)], location())
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    alone = Assessment(clear, RelatedPayments(), RiskFactors(0, 0, 7))
    assert (alone.outcome, alone.codes, alone.risk(DEFAULT.risk_weights)) == (Outcome.CLEAR, clear.codes, None)
    against = Assessment(clear, RelatedPayments(conflict, Episode(b"b", 2, 60)), RiskFactors(0, 0, 7))
    assert (against.outcome, against.codes) == (Outcome.SUSPECT, (ReasonCode.CARD_VELOCITY, ReasonCode.REACHABLE))
    risk = against.risk(DEFAULT.risk_weights)
    assert risk is not None
    assert risk._asdict() == {"contradiction": 47, "evidence": 10, "amount": 7, "repetition": 5}


def test_presence_follows_the_finding() -> None:
    assert presence_of(judged(resting(-60, 60), location(5_000))) is Presence.ABSENT
    assert presence_of(judged([point(-1)], location())) is Presence.PRESENT
    assert presence_of(judged([], location())) is Presence.OPEN


def test_a_short_hash_has_eight_bytes() -> None:
    assert short_hash("tx-1") == blake2b(b"tx-1", digest_size=8).digest()
