"""Errors that the command line and the workers report. Each message says what happened and what to do.

GeovelocityError
├── SettingsError        a setting is missing or invalid
├── ConfigurationError   a server is not set up as this service needs it
└── UnavailableError     a server does not answer (retriable)
"""

from typing import ClassVar


class GeovelocityError(Exception):
    """An error that is shown as it is, without a traceback."""

    retriable: ClassVar[bool] = False


class SettingsError(GeovelocityError):
    """A setting that is missing, invalid or unknown."""


class ConfigurationError(GeovelocityError):
    """A topic, index or key that is not as it must be. A restart does not help."""


class UnavailableError(GeovelocityError):
    """A server that does not answer, but may later."""

    retriable = True
