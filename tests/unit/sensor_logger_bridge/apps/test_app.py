"""Responses to an app, in the form that the app or the phone's holder understands."""

import pytest

from sensor_logger_bridge.apps.app import App
from sensor_logger_bridge.apps.owntracks import ENCRYPTED
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED
from sensor_logger_bridge.ingest.handler import BROKER_UNAVAILABLE, COARSE_LOCATION, MOCK
from sensor_logger_bridge.translation import FOREIGN_DEVICE, NoPosition, Unusable
from tests.support.recorded_drive import APP, STORE_AND_FORWARD, by_name

SUCCESS_TEXTS = {"owntracks": "[]", "overland": '{"result":"ok"}', "traccar": "OK", "gpslogger": "OK"}


@pytest.mark.parametrize("app", STORE_AND_FORWARD, ids=by_name)
@pytest.mark.parametrize("outcome", [ALREADY_RECEIVED, COARSE_LOCATION, MOCK, ENCRYPTED], ids=str)
def test_an_app_that_shows_no_text_gets_its_success_response(app: App, outcome: NoPosition | Unusable) -> None:
    response = app.response_to(outcome)
    assert (response.status, response.text) == (200, SUCCESS_TEXTS[app.name])
    assert response.media_type == ("application/json" if app.name in ("owntracks", "overland") else "text/plain")


@pytest.mark.parametrize("app", APPS, ids=by_name)
def test_a_problem_that_a_retry_can_solve_gets_an_error_status(app: App) -> None:
    assert (app.response_to(BROKER_UNAVAILABLE).status, app.response_to(FOREIGN_DEVICE).status) == (503, 403)


def test_sensor_logger_gets_the_text_for_the_phones_holder() -> None:
    response = APP["sensor-logger"].response_to(MOCK)
    assert (response.status, response.text) == (499, MOCK.text)
