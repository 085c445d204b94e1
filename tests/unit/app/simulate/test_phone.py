"""Messages of a simulated phone, as the bridge reads them."""

from app.simulate.phone import body
from schemas.push import Fix, Push
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.translation import Fixes
from tests.support.make import NOON_MS


def test_the_bridge_reads_the_same_push_from_a_phones_body() -> None:
    known = Fix(NOON_MS, 48.85, 2.35, 30.0, 1.5, 0.5, 90.0, 10.0, 5.0, 3.0)
    push = Push("demo-1", (known, Fix(NOON_MS + 1000, 48.86, 2.35)), "s1", 7, "sensor-logger", NOON_MS + 1500)
    translation = sensor_logger.translate(Request(body(push)), "demo-1", NOON_MS + 1500)
    assert isinstance(translation, Fixes)
    assert (translation.push, translation.skipped) == (push, 1)
