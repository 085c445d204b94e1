"""Translation of GPSLogger's queries and forms."""

from schemas.push import Fix
from sensor_logger_bridge.apps.app import FORM, Request
from sensor_logger_bridge.apps.gpslogger import TEMPLATE
from tests.support.make import NOON_MS
from tests.support.message import (
    LATITUDE,
    LONGITUDE,
    gpslogger,
)
from tests.support.recorded_drive import fix


def test_a_form_is_read_like_a_query() -> None:
    form = Request(gpslogger().query.encode(), media_type=FORM)
    assert fix("gpslogger", form) == fix("gpslogger", gpslogger())


def test_the_template_has_every_parameter_that_is_read() -> None:
    values = {
        "%LAT": str(LATITUDE),
        "%LON": str(LONGITUDE),
        "%ACC": "5.0",
        "%ALT": "30.0",
        "%SPD": "1.5",
        "%DIR": "90.0",
    }
    query = TEMPLATE.replace("%TIMESTAMP", str(NOON_MS // 1000))
    for placeholder, value in values.items():
        query = query.replace(placeholder, value)
    assert "%" not in query
    found = fix("gpslogger", Request(b"", query))
    assert found == Fix(NOON_MS, LATITUDE, LONGITUDE, 30.0, 1.5, bearing_deg=90.0, horizontal_accuracy_m=5.0)
