"""The list of supported apps. A new app is one file in this folder and one entry in `APPS`."""

from typing import Final

from sensor_logger_bridge.apps import gpslogger, overland, owntracks, sensor_logger, traccar
from sensor_logger_bridge.apps.app import App

APPS: Final[tuple[App, ...]] = (sensor_logger.APP, owntracks.APP, overland.APP, traccar.APP, gpslogger.APP)
SOURCES: Final = tuple(app.name for app in APPS)
"""Values of a push's `source` and of the metric label of the same name."""
