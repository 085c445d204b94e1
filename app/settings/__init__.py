"""Settings of every process, read once from the environment and `.env`. A leaf: it imports no other room of `app`."""

from app.settings.settings import GROUPS, PREFIX, Settings, as_environment, read_settings

__all__ = ["GROUPS", "PREFIX", "Settings", "as_environment", "read_settings"]
