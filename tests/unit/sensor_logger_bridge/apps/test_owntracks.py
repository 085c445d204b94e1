"""Translation of OwnTracks' messages."""

import pytest

from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.apps.owntracks import ENCRYPTED
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED
from tests.support.message import (
    as_json,
    owntracks,
)
from tests.support.recorded_drive import translated


@pytest.mark.parametrize("kind", ["transition", "waypoint", "waypoints", "lwt", "card", "status", "steps", "cmd"])
def test_a_message_of_another_type_has_no_position(kind: str) -> None:
    assert translated("owntracks", owntracks(_type=kind)) == ALREADY_RECEIVED


def test_an_empty_body_has_no_position() -> None:
    assert translated("owntracks", Request(b"")) == ALREADY_RECEIVED


def test_an_encrypted_message_is_reported_as_a_problem() -> None:
    assert translated("owntracks", as_json({"_type": "encrypted", "data": "x"})) == ENCRYPTED
