"""When a place is ruled out."""

from agents.rules.alibi import Scene, Span, covers, ruled_out
from agents.rules.preset import DEFAULT
from tests.support.phone import point, spot


def scene(metres_east: float, clock_s: float = 30.0) -> Scene:
    at = spot(metres_east)
    return Scene(at.latitude, at.longitude, 90.0, at.at_us, round(clock_s * 1e6))


def window(first: int, last: int) -> Scene:
    middle = (first + last) // 2
    return Scene(0.0, 0.0, 0.0, middle, last - middle)


def test_a_fix_near_the_place_rules_nothing_out() -> None:
    assert ruled_out([point(0, 250)], scene(0), DEFAULT) == []


def test_a_fix_rules_a_place_out_for_as_long_as_the_way_takes() -> None:
    (span,) = ruled_out([point(0, 5_000)], scene(0), DEFAULT)
    middle = scene(0).at_us
    assert middle - span.after_us == span.before_us - middle
    assert 55e6 < span.before_us - middle < 65e6  # 4.7 km from a standstill at 2.5 m/s2


def test_a_fix_that_is_long_ago_rules_nothing_out() -> None:
    assert ruled_out([point(-600, 5_000)], scene(0), DEFAULT) == []


def test_one_fix_that_covers_everything_makes_the_others_needless() -> None:
    spans = ruled_out([point(0, 900_000), point(-1, 900_000)], scene(0), DEFAULT)
    assert len(spans) == 1


def test_spans_that_overlap_cover_what_lies_between_their_ends() -> None:
    assert covers([Span(-1, 6), Span(5, 11)], window(0, 10))
    assert covers([Span(5, 11), Span(-1, 6)], window(0, 10))


def test_spans_that_only_touch_leave_the_moment_between_them() -> None:
    assert not covers([Span(-1, 5), Span(5, 11)], window(0, 10))


def test_a_span_that_starts_with_the_window_leaves_its_first_moment() -> None:
    assert not covers([Span(0, 11)], window(0, 10))


def test_a_span_that_ends_with_the_window_leaves_its_last_moment() -> None:
    assert not covers([Span(-1, 10)], window(0, 10))


def test_nothing_covers_nothing() -> None:
    assert not covers([], window(0, 10))


def test_a_single_moment_is_covered_by_any_span_around_it() -> None:
    assert covers([Span(4, 6)], window(5, 5))
    assert not covers([Span(5, 6)], window(5, 5))
