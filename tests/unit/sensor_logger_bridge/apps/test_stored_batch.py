"""Positions that an app sends days later, or from a time to come."""

import pytest

from sensor_logger_bridge.apps.app import App, Request
from sensor_logger_bridge.apps.clock_skew import AHEAD_MAX_MS
from sensor_logger_bridge.translation import Fixes, Translation, Unusable
from tests.support.make import NOON_MS
from tests.support.message import (
    LEAST,
    feature,
    gpslogger,
    overland,
    owntracks,
    traccar,
    traccar_json,
)
from tests.support.recorded_drive import APP, BACKLOG, by_name, translated

DAY_MS = 86_400_000


def at(app: str, offset_ms: int) -> Translation:
    """A position of now, received so much later."""
    sent = dict(LEAST)[app]
    return translated(app, sent, NOON_MS + offset_ms)


@pytest.mark.parametrize("app", BACKLOG, ids=by_name)
def test_a_store_and_forward_app_may_send_positions_days_later(app: App) -> None:
    translation = at(app.name, 3 * DAY_MS)
    assert isinstance(translation, Fixes)
    assert translation.problem is None


@pytest.mark.parametrize("app", BACKLOG, ids=by_name)
def test_a_position_of_the_future_is_neither_accepted_nor_requested_again(app: App) -> None:
    assert isinstance(at(app.name, -AHEAD_MAX_MS), Fixes)
    refused = at(app.name, -AHEAD_MAX_MS - 1)
    assert isinstance(refused, Unusable)
    assert (refused.code, "5 minutes ahead" in refused.text) == ("wrong-clock", True)
    assert app.response_to(refused) == app.success_response


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
    refused = translated(app, sent)
    assert isinstance(refused, Unusable)
    assert (refused.code, "before 2020" in refused.text) == ("wrong-clock", True)
    assert APP[app].response_to(refused) == APP[app].success_response
