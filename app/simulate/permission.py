"""Permission to write simulated records."""

from app.errors import ConfigurationError
from app.settings import Settings


def forbid_in_production(settings: Settings, command: str) -> None:
    """Refuse to write simulated records to a production service.

    Raises:
        ConfigurationError: this is production.
    """
    if settings.mode == "production":
        raise ConfigurationError(
            f"`{command}` writes made-up records, and GEOVELOCITY_MODE is production, where they would count as real: "
            "run it against a service in demo mode"
        )
