"""What every store must do, asked of each real one."""

import pytest

from app.errors import UnavailableError
from app.settings import Settings
from app.sinks.base import Dataset, WriteResult
from app.sinks.elasticsearch.mappings import VERDICT
from app.sinks.elasticsearch.sink import ElasticSink
from schemas.verdict import Outcome
from tests.support.make import feedback, verdict
from tests.support.sinks import AnySink


async def test_an_empty_store_counts_nothing(sink: AnySink) -> None:
    assert await sink.count(Dataset.VERDICTS) == 0


async def test_preparing_twice_is_the_same_as_once(sink: AnySink) -> None:
    await sink.prepare()
    assert await sink.store(Dataset.VERDICTS, [verdict()]) == WriteResult(stored=1)


async def test_nothing_to_store_is_nothing_stored(sink: AnySink) -> None:
    assert await sink.store(Dataset.VERDICTS, []) == WriteResult()


async def test_each_verdict_is_one_document_under_its_id(sink: AnySink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(number) for number in range(50)])
    assert await sink.count(Dataset.VERDICTS) == 50
    assert set(await sink.find(Dataset.VERDICTS)) == {verdict(number).id for number in range(50)}


async def test_storing_the_same_again_changes_nothing_and_is_said_to_be_stale(sink: AnySink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict()])
    before = await sink.find(Dataset.VERDICTS)
    assert await sink.store(Dataset.VERDICTS, [verdict()]) == WriteResult(stale=1)
    assert await sink.find(Dataset.VERDICTS) == before


async def test_a_higher_revision_replaces_a_lower_one(sink: AnySink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(revision=1)])
    assert await sink.store(Dataset.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == WriteResult(stored=1)
    document = (await sink.find(Dataset.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (2, "suspect")


async def test_a_lower_revision_that_comes_late_changes_nothing_and_is_stale(sink: AnySink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(revision=3)])
    assert await sink.store(Dataset.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == WriteResult(stale=1)
    document = (await sink.find(Dataset.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (3, "clear")


async def test_what_is_stale_is_told_from_what_is_stored_beside_it(sink: AnySink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(1), verdict(2, revision=3), verdict(3)])
    given = [verdict(1), verdict(2, revision=2), verdict(3, revision=2), verdict(4), verdict(5)]
    assert await sink.store(Dataset.VERDICTS, given) == WriteResult(stored=3, stale=2)
    assert await sink.store(Dataset.VERDICTS, given) == WriteResult(stale=5)
    revisions = {name: document["revision"] for name, document in (await sink.find(Dataset.VERDICTS)).items()}
    assert revisions == {verdict(number).id: revision for number, revision in enumerate((1, 3, 2, 1, 1), start=1)}


async def test_shelves_do_not_mix(sink: AnySink) -> None:
    await sink.store(Dataset.SUSPECTS, [verdict()])
    assert (await sink.count(Dataset.VERDICTS), await sink.count(Dataset.SUSPECTS)) == (0, 1)


async def test_a_verdict_without_place_and_user_is_stored(sink: AnySink) -> None:
    assert await sink.store(Dataset.VERDICTS, [verdict(place=None, user_token=None)]) == WriteResult(stored=1)
    assert await sink.count(Dataset.VERDICTS) == 1


async def test_an_index_of_an_earlier_release_is_taught_the_fields_of_this_one(settings: Settings) -> None:
    sink, before = ElasticSink(settings), dict(VERDICT["properties"])
    del before["reason"]
    index = f"{sink.alias(Dataset.VERDICTS)}-{verdict().timestamp[:7].replace('-', '.')}"
    await sink._client.indices.create(
        index=index, mappings={"dynamic": "strict", "properties": before}, aliases={sink.alias(Dataset.VERDICTS): {}}
    )
    with pytest.raises(UnavailableError, match="strict_dynamic_mapping_exception"):
        await sink.store(Dataset.VERDICTS, [verdict()])
    await sink.prepare()
    assert await sink.store(Dataset.VERDICTS, [verdict()]) == WriteResult(stored=1)
    await sink.close()


NEXT_MONTH = "2026-12-01T00:00:00.000001Z"


async def test_of_what_analysts_say_of_a_case_the_newest_is_kept(sink: AnySink) -> None:
    """In whatever order it comes, how often, and in whichever month it was said."""
    first, second = feedback(verdict="unsure"), feedback(given_at=NEXT_MONTH)
    assert await sink.store(Dataset.FEEDBACK, [first, feedback(2)]) == WriteResult(stored=2)
    assert await sink.store(Dataset.FEEDBACK, [second]) == WriteResult(stored=1)
    assert await sink.store(Dataset.FEEDBACK, [first, second]) == WriteResult(stale=2)
    documents = await sink.find(Dataset.FEEDBACK)
    assert {name: (one["verdict"], one["given_at"]) for name, one in documents.items()} == {
        first.id: ("fraud", NEXT_MONTH),
        feedback(2).id: ("fraud", feedback(2).given_at),
    }


async def test_what_an_analyst_says_is_kept_as_it_was_published(sink: AnySink) -> None:
    said = feedback(note='Käufe \u2013 "zwei"\n=1+1')
    await sink.store(Dataset.FEEDBACK, [said])
    document = (await sink.find(Dataset.FEEDBACK))[said.id]
    assert {name: document[name] for name in said.__struct_fields__ if name != "id"} == {
        name: getattr(said, name) for name in said.__struct_fields__ if name != "id"
    }
