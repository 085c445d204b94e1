"""The contract of sinks: storing and counting, tested on each real store."""

import pytest

from app.errors import UnavailableError
from app.settings import Settings
from app.sinks.base import Dataset, Sink, WriteResult
from app.sinks.elasticsearch.mappings import VERDICT
from app.sinks.elasticsearch.sink import ElasticSink
from schemas.verdict import Outcome
from tests.support.make import feedback, verdict


async def test_an_empty_store_counts_no_documents(sink: Sink) -> None:
    assert await sink.count(Dataset.VERDICTS) == 0


async def test_preparing_again_changes_nothing(sink: Sink) -> None:
    await sink.prepare()
    assert await sink.store(Dataset.VERDICTS, [verdict()]) == WriteResult(stored=1)


async def test_an_empty_write_stores_nothing(sink: Sink) -> None:
    assert await sink.store(Dataset.VERDICTS, []) == WriteResult()


async def test_a_verdict_is_one_document_under_its_id(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(number) for number in range(50)])
    assert await sink.count(Dataset.VERDICTS) == 50
    assert set(await sink.find(Dataset.VERDICTS)) == {verdict(number).id for number in range(50)}


async def test_the_same_version_again_is_stale_and_changes_nothing(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict()])
    before = await sink.find(Dataset.VERDICTS)
    assert await sink.store(Dataset.VERDICTS, [verdict()]) == WriteResult(stale=1)
    assert await sink.find(Dataset.VERDICTS) == before


async def test_a_higher_revision_replaces_a_lower_one(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(revision=1)])
    assert await sink.store(Dataset.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == WriteResult(stored=1)
    document = (await sink.find(Dataset.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (2, "suspect")


async def test_a_late_lower_revision_is_stale_and_changes_nothing(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(revision=3)])
    assert await sink.store(Dataset.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == WriteResult(stale=1)
    document = (await sink.find(Dataset.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (3, "clear")


async def test_a_write_counts_stored_and_stale_documents_separately(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [verdict(1), verdict(2, revision=3), verdict(3)])
    given = [verdict(1), verdict(2, revision=2), verdict(3, revision=2), verdict(4), verdict(5)]
    assert await sink.store(Dataset.VERDICTS, given) == WriteResult(stored=3, stale=2)
    assert await sink.store(Dataset.VERDICTS, given) == WriteResult(stale=5)
    revisions = {name: document["revision"] for name, document in (await sink.find(Dataset.VERDICTS)).items()}
    assert revisions == {verdict(number).id: revision for number, revision in enumerate((1, 3, 2, 1, 1), start=1)}


async def test_datasets_are_separate(sink: Sink) -> None:
    await sink.store(Dataset.SUSPECTS, [verdict()])
    assert (await sink.count(Dataset.VERDICTS), await sink.count(Dataset.SUSPECTS)) == (0, 1)


async def test_a_verdict_without_location_and_user_is_stored(sink: Sink) -> None:
    assert await sink.store(Dataset.VERDICTS, [verdict(place=None, user_token=None)]) == WriteResult(stored=1)
    assert await sink.count(Dataset.VERDICTS) == 1


async def test_preparing_adds_new_fields_to_an_index_of_an_earlier_release(settings: Settings) -> None:
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


async def test_the_newest_feedback_on_a_case_is_kept(sink: Sink) -> None:
    """Also when it comes again, out of order, or is given in another month than the payment."""
    first, second = feedback(verdict="unsure"), feedback(given_at=NEXT_MONTH)
    assert await sink.store(Dataset.FEEDBACK, [first, feedback(2)]) == WriteResult(stored=2)
    assert await sink.store(Dataset.FEEDBACK, [second]) == WriteResult(stored=1)
    assert await sink.store(Dataset.FEEDBACK, [first, second]) == WriteResult(stale=2)
    documents = await sink.find(Dataset.FEEDBACK)
    assert {name: (one["verdict"], one["given_at"]) for name, one in documents.items()} == {
        first.id: ("fraud", NEXT_MONTH),
        feedback(2).id: ("fraud", feedback(2).given_at),
    }


async def test_feedback_is_stored_as_it_was_published(sink: Sink) -> None:
    given = feedback(note='Käufe \u2013 "zwei"\n=1+1')
    await sink.store(Dataset.FEEDBACK, [given])
    document = (await sink.find(Dataset.FEEDBACK))[given.id]
    assert {name: document[name] for name in given.__struct_fields__ if name != "id"} == {
        name: getattr(given, name) for name in given.__struct_fields__ if name != "id"
    }
