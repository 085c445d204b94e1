"""Episode: suspects that follow each other."""

import msgspec

from agents.rules.decision.episode import Episode, Suspect, episodes
from agents.rules.decision.risk import RiskFactors
from agents.rules.parameters import DEFAULT
from tests.support.card import NO_FACTORS


def suspect(name: str, at_s: float, contradiction: int = 20) -> Suspect:
    return Suspect(name.encode(), round(at_s * 1e6), RiskFactors(contradiction, 0, 0))


def test_an_episode_ends_after_the_cool_down() -> None:
    found = episodes(
        [suspect("a", 0), suspect("b", DEFAULT.cool_down_s), suspect("c", 2 * DEFAULT.cool_down_s + 1)], DEFAULT
    )
    assert [(found[name].first_id, found[name].number) for name in (b"a", b"b", b"c")] == [
        (b"a", 1),
        (b"a", 2),
        (b"c", 1),
    ]


def test_severity_is_the_highest_risk_up_to_the_suspect() -> None:
    found = episodes([suspect("a", 0, 40), suspect("b", 10, 20), suspect("c", 20, 40)], DEFAULT)
    assert [found[name].severity for name in (b"a", b"b", b"c")] == [40, 40, 50]


def test_suspects_count_in_the_order_of_their_own_times() -> None:
    suspects = [suspect("a", 0), suspect("b", 10), suspect("c", 20)]
    assert episodes(reversed(suspects), DEFAULT) == episodes(suspects, DEFAULT)
    assert msgspec.structs.replace(episodes(suspects, DEFAULT)[b"b"], number=0).first_id == b"a"


def test_suspects_of_one_moment_count_in_order_of_their_ids() -> None:
    suspects = [Suspect(name, 0, RiskFactors(20, 0, 0)) for name in (b"b", b"a", b"c")]
    assert {name: (one.first_id, one.number, one.severity) for name, one in episodes(suspects, DEFAULT).items()} == {
        b"a": (b"a", 1, 20),
        b"b": (b"a", 2, 25),
        b"c": (b"a", 3, 30),
    }


def test_an_episode_ends_a_microsecond_after_half_an_hour() -> None:
    found = episodes([Suspect(b"a", 0, NO_FACTORS), Suspect(b"b", 1_800_000_001, NO_FACTORS)], DEFAULT)
    assert found[b"b"] == Episode(b"b", 1, 0)
    found = episodes([Suspect(b"a", 0, NO_FACTORS), Suspect(b"b", 1_800_000_000, NO_FACTORS)], DEFAULT)
    assert found[b"b"] == Episode(b"a", 2, 5)
