"""What can go wrong with a local stack. Each message says what happened and what to do."""


class LocalStackError(Exception):
    """A local server could not be fetched, started or stopped; the message is for a person."""
