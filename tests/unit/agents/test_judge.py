"""Judge: the composition of a judgement for live payments and for files."""

from functools import partial

import pytest

from agents.judge import digest_of, evaluate_payment, judge, location_of, track_payment
from agents.rules.decision.assessment import RelatedPayments
from agents.rules.decision.card_velocity import CardUse, Conflict, Presence
from agents.rules.decision.decide import Finding
from agents.rules.decision.episode import Episode
from agents.rules.evidence.full_track import FullTrack
from agents.rules.parameters import DEFAULT
from agents.rules.publish.mask import Key, Masker
from agents.rules.publish.short_hash import short_hash
from agents.state.open_payments import TrackedPayment
from schemas.payment import Payment, parse_payment
from schemas.verdict import Outcome
from tests.support.make import NOON_MS, as_bytes, payment
from tests.support.phone import east_of_home, location, resting

MASKER = Masker.of([Key("k2", b"another key for tests, and for nothing else."), Key("k1", b"a key for tests.")])
EVALUATE = partial(evaluate_payment, track=FullTrack(resting(-60, 60)), parameters=DEFAULT)


def parsed(number: int, metres_east: float = 0.0) -> Payment:
    latitude, longitude = east_of_home(metres_east)
    found = parse_payment(as_bytes(payment(number, latitude=latitude, longitude=longitude)))
    assert isinstance(found, Payment)
    return found


def tracked(number: int, metres_east: float = 0.0) -> TrackedPayment:
    one = parsed(number, metres_east)
    place = location_of(one)
    assert place is not None
    return track_payment(MASKER.mask(one), MASKER.aliases(one), place, NOON_MS, DEFAULT)


def test_a_tracked_payment_knows_its_card_under_every_key() -> None:
    one = parsed(1)
    tokens = MASKER.tokens("card", one.card_number.get_secret_value())
    assert tracked(1).card == b"".join(map(short_hash, tokens))
    assert tracked(1).id == short_hash(MASKER.mask(one).id)


@pytest.mark.parametrize(("latitude", "longitude"), [(None, 1.0), (1.0, None), (None, None), (0.0, 0.0)])
def test_a_payment_without_coordinates_or_on_null_island_has_no_location(
    latitude: float | None, longitude: float | None
) -> None:
    assert location_of(parsed(1).model_copy(update={"latitude": latitude, "longitude": longitude})) is None


def test_every_due_payment_is_assessed() -> None:
    payments = [tracked(1), tracked(2, 5_000)]
    answers = {one.id: assessment.outcome for one, assessment in judge(payments, payments, EVALUATE, DEFAULT)}
    assert answers == {payments[0].id: Outcome.CLEAR, payments[1].id: Outcome.SUSPECT}
    assert [one.presence for one in payments] == [Presence.PRESENT, Presence.ABSENT]


@pytest.mark.parametrize(("seconds", "affects_first"), [(-10, True), (10, False)])
def test_another_open_payment_is_assessed_only_if_a_due_one_affects_it(seconds: int, affects_first: bool) -> None:
    evaluated: list[bytes] = []

    def evaluate(one: TrackedPayment) -> Finding:
        evaluated.append(one.id)
        return EVALUATE(one)

    first, second, closed = tracked(1, 5_000), tracked(2, 5_000), tracked(3)
    closed.open = False
    assert [one.id for one, _ in judge([first, closed], [first], evaluate, DEFAULT)] == [first.id]
    second.at_us += seconds * 1_000_000  # an earlier suspect moves the first one back in its episode
    assessed = [one.id for one, _ in judge([first, closed, second], [second], evaluate, DEFAULT)]
    assert assessed == ([first.id, second.id] if affects_first else [second.id])
    assert closed.id not in evaluated
    assert list(judge([first, closed, second], [], evaluate, DEFAULT)) == []


def test_digests_of_related_payments_keep_their_stored_value() -> None:
    """Rows of release 0.1 hold this digest. A new value would only cause an extra evaluation."""
    use = CardUse(b"a", b"card", location(), Presence.OPEN)
    related = RelatedPayments(Conflict(use, 400_000.0, 399_000.0, 60.0, 20_000.0), Episode(b"b", 2, 60))
    assert digest_of(related).hex() == "ebb041ae898d9b4d"
