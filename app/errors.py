"""What can go wrong around this service. Every message is one sentence: what happened, and what to do.

GeovelocityError
├── SettingsError        a setting is missing or wrong
├── ConfigurationError   the servers are not set up as this service needs them
└── UnavailableError     a server does not answer (retriable)
"""

from typing import ClassVar


class GeovelocityError(Exception):
    """Shown to a person as it is, without a traceback."""

    retriable: ClassVar[bool] = False


class SettingsError(GeovelocityError):
    """A setting is missing, wrong or unknown."""


class ConfigurationError(GeovelocityError):
    """A topic, index or key is not as it must be; starting again does not help."""


class UnavailableError(GeovelocityError):
    """A server does not answer; it may later."""

    retriable = True
