"""Each real store, ready to take documents."""

from collections.abc import AsyncIterator, Callable

import pytest

from app.settings import Settings
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from tests.support.sinks import AnySink


@pytest.fixture(params=[MongoSink, ElasticSink])
async def sink(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[AnySink]:
    make: Callable[[Settings], AnySink] = request.param
    opened = make(settings)
    await opened.prepare()
    yield opened
    await opened.close()
