"""Late positions and positions of the future in batches of store-and-forward apps."""

import pytest

from sensor_logger_bridge.apps.app import App, Request
from sensor_logger_bridge.apps.clock_skew import AHEAD_MAX_MS
from sensor_logger_bridge.translation import Fixes, Translation, Unusable
from tests.support.make import NOON_MS
from tests.support.message import (
    MINIMAL,
    feature,
    gpslogger,
    overland,
    owntracks,
    traccar,
    traccar_json,
)
from tests.support.recorded_drive import APP, STORE_AND_FORWARD, by_name, translated

DAY_MS = 86_400_000


def at(app: str, offset_ms: int) -> Translation:
    """Return the translation of a position at noon that the bridge receives `offset_ms` later."""
    sent = dict(MINIMAL)[app]
    return translated(app, sent, NOON_MS + offset_ms)


@pytest.mark.parametrize("app", STORE_AND_FORWARD, ids=by_name)
def test_a_store_and_forward_app_may_send_positions_days_later(app: App) -> None:
    translation = at(app.name, 3 * DAY_MS)
    assert isinstance(translation, Fixes)
    assert translation.problem is None


@pytest.mark.parametrize("app", STORE_AND_FORWARD, ids=by_name)
def test_a_position_of_the_future_is_neither_accepted_nor_requested_again(app: App) -> None:
    assert isinstance(at(app.name, -AHEAD_MAX_MS), Fixes)
    unusable = at(app.name, -AHEAD_MAX_MS - 1)
    assert isinstance(unusable, Unusable)
    assert (unusable.code, "5 minutes ahead" in unusable.text) == ("wrong-clock", True)
    assert app.response_to(unusable) == app.success_response


def test_only_the_future_positions_of_a_batch_are_dropped() -> None:
    translation = translated("overland", overland(feature(0), feature(3599)))
    assert isinstance(translation, Fixes)
    assert [one.at_ms for one in translation.push.fixes] == [NOON_MS]
    assert translation.problem is not None
    assert translation.problem.code == "wrong-clock"


OLD = [
    ("owntracks", owntracks(tst=0)),
    ("overland", overland(feature(timestamp="1970-01-01T00:00:00Z"))),
    ("traccar", traccar(timestamp="0")),
    ("traccar", traccar_json(timestamp="2019-12-31T23:59:59Z")),
    ("gpslogger", gpslogger(timestamp="1")),
]


@pytest.mark.parametrize(("app", "sent"), OLD)
def test_a_clock_that_was_never_set_does_not_block_later_messages(app: str, sent: Request) -> None:
    unusable = translated(app, sent)
    assert isinstance(unusable, Unusable)
    assert (unusable.code, "before 2020" in unusable.text) == ("wrong-clock", True)
    assert APP[app].response_to(unusable) == APP[app].success_response
