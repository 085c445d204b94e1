"""Answer, at the edges: where a change of one sign or number would show."""

from hashlib import blake2b

from agents.rules.answer import NOWHERE, Answer, Context, Entry, contexts, standing
from agents.rules.card import Conflict, Standing
from agents.rules.digest import digest
from agents.rules.episode import Episode
from agents.rules.preset import DEFAULT
from agents.rules.risk import Weight
from schemas.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.card import NO_WEIGHT, use
from tests.support.phone import judged, point, resting, spot


def entry(name: str, metres_east: float, seconds: float, standing: Standing, weight: Weight) -> Entry:
    return Entry(name.encode(), b"card", spot(metres_east, seconds), standing, weight)


def test_payments_of_which_none_is_suspect_say_nothing_of_each_other() -> None:
    for standings in ([Standing.OPEN], [Standing.PRESENT], [Standing.OPEN, Standing.PRESENT], [Standing.OPEN] * 2):
        entries = [entry(str(number), 0, number, one, NO_WEIGHT) for number, one in enumerate(standings)]
        assert contexts(entries, DEFAULT) == {one.id: Context() for one in entries}
    assert contexts([], DEFAULT) == {}


def test_a_payment_without_a_place_is_answered_for_good_and_weighs_nothing() -> None:
    assert NOWHERE.finding.settled
    assert (NOWHERE.context, NOWHERE.weight, NOWHERE.risk) == (Context(), NO_WEIGHT, None)


def test_one_suspect_alone_is_an_episode() -> None:
    weight = Weight(20, 10, 5)
    assert contexts([entry("a", 0, 0, Standing.ABSENT, weight)], DEFAULT) == {b"a": Context(None, Episode(b"a", 1, 35))}


def test_a_suspect_by_its_phone_and_one_by_another_payment_make_an_episode() -> None:
    found = contexts(
        [
            entry("a", 0, 0, Standing.PRESENT, NO_WEIGHT),
            entry("b", 400_000, 60, Standing.OPEN, NO_WEIGHT),
            entry("c", 400_000, 90, Standing.ABSENT, Weight(10, 10, 0)),
            entry("d", 0, 120, Standing.PRESENT, NO_WEIGHT),
        ],
        DEFAULT,
    )
    assert (found[b"a"], found[b"d"]) == (Context(), Context())
    assert found[b"b"].conflict is not None
    assert found[b"b"].conflict.other.id == b"a"
    assert [(found[name].episode or Episode(b"", 0, 0)).number for name in (b"b", b"c")] == [1, 2]


def test_an_answer_is_that_of_the_phone_unless_another_payment_rules_it_out() -> None:
    clear = judged([point(-1)], spot())
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    alone = Answer(clear, Context(), Weight(0, 0, 7))
    assert (alone.outcome, alone.codes, alone.risk) == (Outcome.CLEAR, clear.codes, None)
    against = Answer(clear, Context(conflict, Episode(b"b", 2, 60)), Weight(0, 0, 7))
    assert (against.outcome, against.codes) == (Outcome.SUSPECT, (ReasonCode.CARD_VELOCITY, ReasonCode.REACHABLE))
    assert against.risk is not None
    assert against.risk._asdict() == {"contradiction": 47, "evidence": 10, "amount": 7, "repetition": 5}


def test_a_standing_is_what_the_phone_says() -> None:
    assert standing(judged(resting(-60, 60), spot(5_000))) is Standing.ABSENT
    assert standing(judged([point(-1)], spot())) is Standing.PRESENT
    assert standing(judged([], spot())) is Standing.OPEN


def test_a_digest_has_eight_bytes_since_cells_are_read_with_every_push() -> None:
    assert digest("tx-1") == blake2b(b"tx-1", digest_size=8).digest()
