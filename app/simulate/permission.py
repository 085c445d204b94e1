"""Permission: where records that somebody made up may be written."""

from app.errors import ConfigurationError
from app.settings import Settings


def forbid_in_production(settings: Settings, command: str) -> None:
    """Made-up phones and cards belong into a demo.

    Raises:
        ConfigurationError: this is production.
    """
    if settings.mode == "production":
        raise ConfigurationError(
            f"`{command}` writes made-up records, and GEOVELOCITY_MODE is production, where they would be taken for "
            "real ones: use it with a service in demo mode"
        )
