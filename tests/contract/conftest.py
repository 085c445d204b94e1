"""A fixture with each real store, prepared."""

from collections.abc import AsyncIterator

import pytest

from app.settings import Settings
from app.sinks.base import Sink
from app.topology import SINKS, SinkApp


@pytest.fixture(params=SINKS, ids=lambda sink_app: sink_app.name)
async def sink(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Sink]:
    sink_app: SinkApp = request.param
    opened = sink_app.store(settings)
    await opened.prepare()
    yield opened
    await opened.close()
