"""What every store must do, asked of each real one."""

from collections.abc import AsyncIterator, Callable

import pytest

from app.settings import Settings
from app.sink.elastic import ElasticSink
from app.sink.mongo import MongoSink
from app.sink.sink import Shelf
from schemas.verdict import Outcome
from tests.support.make import verdict

AnySink = MongoSink | ElasticSink


@pytest.fixture(params=[MongoSink, ElasticSink])
async def sink(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[AnySink]:
    make: Callable[[Settings], AnySink] = request.param
    opened = make(settings)
    await opened.prepare()
    yield opened
    await opened.close()


async def test_an_empty_store_counts_nothing(sink: AnySink) -> None:
    assert await sink.count(Shelf.VERDICTS) == 0


async def test_preparing_twice_is_the_same_as_once(sink: AnySink) -> None:
    await sink.prepare()
    assert await sink.store(Shelf.VERDICTS, [verdict()]) == []


async def test_each_verdict_is_one_document_under_its_id(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(number) for number in range(50)])
    assert await sink.count(Shelf.VERDICTS) == 50
    assert set(await sink.find(Shelf.VERDICTS)) == {verdict(number).id for number in range(50)}


async def test_storing_the_same_again_changes_nothing(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict()])
    before = await sink.find(Shelf.VERDICTS)
    assert await sink.store(Shelf.VERDICTS, [verdict()]) == []
    assert await sink.find(Shelf.VERDICTS) == before


async def test_a_higher_revision_replaces_a_lower_one(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(revision=1)])
    await sink.store(Shelf.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)])
    document = (await sink.find(Shelf.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (2, "suspect")


async def test_a_lower_revision_that_comes_late_changes_nothing_and_is_no_refusal(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(revision=3)])
    assert await sink.store(Shelf.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == []
    document = (await sink.find(Shelf.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (3, "clear")


async def test_shelves_do_not_mix(sink: AnySink) -> None:
    await sink.store(Shelf.SUSPECTS, [verdict()])
    assert (await sink.count(Shelf.VERDICTS), await sink.count(Shelf.SUSPECTS)) == (0, 1)


async def test_a_verdict_without_place_and_user_is_stored(sink: AnySink) -> None:
    assert await sink.store(Shelf.VERDICTS, [verdict(place=None, user_token=None)]) == []
    assert await sink.count(Shelf.VERDICTS) == 1
