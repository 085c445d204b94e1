"""Errors of local servers. Each message says what happened and what to do."""


class LocalStackError(Exception):
    """A local server that could not be downloaded, started or stopped."""
