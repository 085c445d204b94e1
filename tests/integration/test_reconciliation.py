"""Reconciliation with a store that is slow for a moment, and with one that is down."""

import asyncio
import signal

import pytest

from app.errors import UnavailableError
from app.settings import Settings
from app.simulate.reconciliation import reconcile_when_idle
from app.sinks.base import Dataset
from deploy.local.stack import Stack
from tests.support.service import changed, provision


async def test_reconciliation_waits_for_a_store_that_is_slow_for_a_moment(settings: Settings, servers: Stack) -> None:
    await provision(settings)
    store = servers.processes["mongo"]
    store.signal(signal.SIGSTOP)
    try:
        reconciliation = asyncio.create_task(reconcile_when_idle(settings, Dataset.VERDICTS, 0, within_s=60))
        await asyncio.sleep(7)  # longer than one request to the store may take
        assert not reconciliation.done()
    finally:
        store.signal(signal.SIGCONT)
    assert (await reconciliation).unequal == []


async def test_reconciliation_reports_a_store_that_does_not_answer_in_time(settings: Settings) -> None:
    await provision(settings)
    unreachable = changed(settings, mongo_url="mongodb://127.0.0.1:1")
    with pytest.raises(UnavailableError, match="MongoDB does not answer"):
        await reconcile_when_idle(unreachable, Dataset.VERDICTS, 0, within_s=1)
