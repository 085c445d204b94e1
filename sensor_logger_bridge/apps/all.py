"""All apps that the bridge hears."""

from typing import Final

from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import App

APPS: Final[tuple[App, ...]] = (sensor_logger.APP,)
SOURCES: Final = tuple(app.name for app in APPS)
