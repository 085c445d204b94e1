"""Errors of local servers as errors of this service."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import UnavailableError
from deploy.local.errors import LocalStackError


@contextmanager
def local_stack_errors() -> Iterator[None]:
    """Turn a failure to fetch, start or stop a local server into an error that the command line reports.

    Raises:
        UnavailableError: a local server failed.
    """
    try:
        yield
    except LocalStackError as error:
        raise UnavailableError(str(error)) from None
