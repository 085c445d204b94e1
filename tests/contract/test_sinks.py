"""What every store must do, asked of each real one."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from app.errors import ConfigurationError, UnavailableError
from app.settings import Settings
from app.sink import elastic, mongo
from app.sink.elastic import ElasticSink
from app.sink.elastic_mappings import VERDICT
from app.sink.mongo import MongoSink
from app.sink.month import Month
from app.sink.sink import Receipt, Refusal, Shelf
from schemas.verdict import FixEvidence, Outcome, Place, Verdict
from tests.support.bad_inputs import shows_canary
from tests.support.make import feedback, verdict
from tests.support.service import changed

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
    assert await sink.store(Shelf.VERDICTS, [verdict()]) == Receipt(stored=1)


async def test_nothing_to_store_is_nothing_stored(sink: AnySink) -> None:
    assert await sink.store(Shelf.VERDICTS, []) == Receipt()


async def test_each_verdict_is_one_document_under_its_id(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(number) for number in range(50)])
    assert await sink.count(Shelf.VERDICTS) == 50
    assert set(await sink.find(Shelf.VERDICTS)) == {verdict(number).id for number in range(50)}


async def test_storing_the_same_again_changes_nothing_and_is_said_to_be_stale(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict()])
    before = await sink.find(Shelf.VERDICTS)
    assert await sink.store(Shelf.VERDICTS, [verdict()]) == Receipt(stale=1)
    assert await sink.find(Shelf.VERDICTS) == before


async def test_a_higher_revision_replaces_a_lower_one(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(revision=1)])
    assert await sink.store(Shelf.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == Receipt(stored=1)
    document = (await sink.find(Shelf.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (2, "suspect")


async def test_a_lower_revision_that_comes_late_changes_nothing_and_is_stale(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(revision=3)])
    assert await sink.store(Shelf.VERDICTS, [verdict(revision=2, verdict=Outcome.SUSPECT)]) == Receipt(stale=1)
    document = (await sink.find(Shelf.VERDICTS))[verdict().id]
    assert (document["revision"], document["verdict"]) == (3, "clear")


async def test_what_is_stale_is_told_from_what_is_stored_beside_it(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [verdict(1), verdict(2, revision=3), verdict(3)])
    given = [verdict(1), verdict(2, revision=2), verdict(3, revision=2), verdict(4), verdict(5)]
    assert await sink.store(Shelf.VERDICTS, given) == Receipt(stored=3, stale=2)
    assert await sink.store(Shelf.VERDICTS, given) == Receipt(stale=5)
    revisions = {name: document["revision"] for name, document in (await sink.find(Shelf.VERDICTS)).items()}
    assert revisions == {verdict(number).id: revision for number, revision in enumerate((1, 3, 2, 1, 1), start=1)}


async def test_shelves_do_not_mix(sink: AnySink) -> None:
    await sink.store(Shelf.SUSPECTS, [verdict()])
    assert (await sink.count(Shelf.VERDICTS), await sink.count(Shelf.SUSPECTS)) == (0, 1)


async def test_a_verdict_without_place_and_user_is_stored(sink: AnySink) -> None:
    assert await sink.store(Shelf.VERDICTS, [verdict(place=None, user_token=None)]) == Receipt(stored=1)
    assert await sink.count(Shelf.VERDICTS) == 1


async def test_a_document_that_elasticsearch_will_never_take_is_named_and_its_neighbours_are_stored(
    settings: Settings,
) -> None:
    sink = ElasticSink(settings)
    await sink.prepare()
    nowhere, refused = verdict(2, place=Place(lat=200.0, lon=0.0)), "document_parsing_exception"
    receipt = await sink.store(Shelf.VERDICTS, [verdict(1), nowhere, verdict(3)])
    assert receipt == Receipt(stored=2, refusals=(Refusal(nowhere, refused),))
    assert await sink.count(Shelf.VERDICTS) == 2
    await sink.close()


async def test_an_index_of_an_earlier_release_is_taught_the_fields_of_this_one(settings: Settings) -> None:
    sink, before = ElasticSink(settings), dict(VERDICT["properties"])
    del before["reason"]
    index = f"{sink.alias(Shelf.VERDICTS)}-{verdict().timestamp[:7].replace('-', '.')}"
    await sink._client.indices.create(
        index=index, mappings={"dynamic": "strict", "properties": before}, aliases={sink.alias(Shelf.VERDICTS): {}}
    )
    with pytest.raises(UnavailableError, match="strict_dynamic_mapping_exception"):
        await sink.store(Shelf.VERDICTS, [verdict()])
    await sink.prepare()
    assert await sink.store(Shelf.VERDICTS, [verdict()]) == Receipt(stored=1)
    await sink.close()


def test_a_document_that_mongodb_will_never_take_is_named() -> None:
    """With its answers as they are documented: the local server checks no document."""
    errors = [{"index": 0, "code": mongo.DUPLICATE_KEY}, {"index": 1, "code": 16_755}]
    receipt = mongo.receipt({"writeErrors": errors}, [verdict(1), verdict(2), verdict(3)])
    assert receipt == Receipt(stored=1, stale=1, refusals=(Refusal(verdict(2), "code 16755"),))


@pytest.mark.parametrize(
    ("status", "fault"),
    [(403, "security_exception"), (429, "es_rejected_execution_exception"), (400, "validation_exception"), (500, "io")],
)
def test_what_elasticsearch_may_take_later_is_no_refusal(status: int, fault: str) -> None:
    results: list[dict[str, object]] = [{"status": 201}, {"status": status, "error": {"type": fault}}]
    with pytest.raises(UnavailableError, match=f"status {status}, {fault}"):
        elastic.receipt(results, [verdict(1), verdict(2)])


@pytest.mark.parametrize(
    "details",
    [
        {"writeErrors": [{"index": 0, "code": 14_031}]},  # disk full
        {"writeErrors": [{"index": 0, "code": 11_602}]},  # interrupted by a change of the primary
        {"writeConcernErrors": [{"code": 64}]},
    ],
)
def test_what_mongodb_may_take_later_is_no_refusal(details: dict[str, object]) -> None:
    with pytest.raises(UnavailableError):
        mongo.receipt(details, [verdict(1)])


@pytest.mark.parametrize("make", [MongoSink, ElasticSink])
async def test_a_store_that_does_not_answer_is_said_with_what_to_do(
    settings: Settings, make: Callable[[Settings], AnySink]
) -> None:
    away = make(changed(settings, mongo_url="mongodb://127.0.0.1:1", elastic_url="http://127.0.0.1:1"))
    for attempt in (
        away.prepare(),
        away.store(Shelf.VERDICTS, [verdict()]),
        away.erase(Shelf.VERDICTS, ["device_k1_A"]),
        away.expire(Shelf.VERDICTS, Month(2026, 1)),
        away.count(Shelf.VERDICTS),
    ):
        with pytest.raises(UnavailableError, match=r"does not answer .*make up"):
            await attempt
    await away.close()


def test_an_address_that_is_none_is_said_with_its_setting(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_ELASTIC_URL"):
        ElasticSink(changed(settings, elastic_url="localhost:9200"))
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_MONGO_URL"):
        MongoSink(changed(settings, mongo_url="mongodb://localhost:port"))


def of_phone(number: int, phone: str, **changes: Any) -> Verdict:
    return verdict(number, device_token=phone, **changes)


async def test_of_a_device_that_is_erased_nothing_is_left_and_of_others_everything(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [of_phone(number, "device_k1_A") for number in range(3)])
    await sink.store(Shelf.VERDICTS, [of_phone(3, "device_k2_A"), of_phone(4, "device_k1_B")])
    await sink.store(Shelf.SUSPECTS, [of_phone(0, "device_k1_A")])
    both = ["device_k1_A", "device_k2_A"]
    assert [await sink.count(Shelf.VERDICTS, both), await sink.count(Shelf.VERDICTS, ["device_k1_B"])] == [4, 1]
    assert await sink.erase(Shelf.VERDICTS, both) == 4
    assert [await sink.count(Shelf.VERDICTS, both), await sink.count(Shelf.SUSPECTS, both)] == [0, 1]
    assert set(await sink.find(Shelf.VERDICTS)) == {verdict(4).id}


async def test_erasing_again_erases_nothing(sink: AnySink) -> None:
    assert await sink.erase(Shelf.VERDICTS, ["device_k1_A"]) == 0  # nor does it mind that there is nothing yet
    await sink.store(Shelf.VERDICTS, [of_phone(1, "device_k1_A")])
    assert [await sink.erase(Shelf.VERDICTS, ["device_k1_A"]) for _ in range(2)] == [1, 0]


async def test_what_is_stored_after_an_erasure_stays(sink: AnySink) -> None:
    await sink.store(Shelf.VERDICTS, [of_phone(1, "device_k1_A")])
    await sink.erase(Shelf.VERDICTS, ["device_k1_A"])
    await sink.store(Shelf.VERDICTS, [of_phone(2, "device_k1_A")])
    assert set(await sink.find(Shelf.VERDICTS)) == {verdict(2).id}


async def test_more_documents_than_one_answer_holds_are_erased(sink: AnySink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic, "FOUND_AT_ONCE_MAX", 20)
    await sink.store(Shelf.VERDICTS, [of_phone(number, "device_k1_A") for number in range(50)])
    assert await sink.erase(Shelf.VERDICTS, ["device_k1_A"]) == 50
    assert await sink.count(Shelf.VERDICTS) == 0


NEXT_MONTH = "2026-12-01T00:00:00.000001Z"


async def test_of_what_analysts_say_of_a_case_the_newest_is_kept(sink: AnySink) -> None:
    """In whatever order it comes, how often, and in whichever month it was said."""
    first, second = feedback(verdict="unsure"), feedback(given_at=NEXT_MONTH)
    assert await sink.store(Shelf.FEEDBACK, [first, feedback(2)]) == Receipt(stored=2)
    assert await sink.store(Shelf.FEEDBACK, [second]) == Receipt(stored=1)
    assert await sink.store(Shelf.FEEDBACK, [first, second]) == Receipt(stale=2)
    documents = await sink.find(Shelf.FEEDBACK)
    assert {name: (one["verdict"], one["given_at"]) for name, one in documents.items()} == {
        first.id: ("fraud", NEXT_MONTH),
        feedback(2).id: ("fraud", feedback(2).given_at),
    }


async def test_what_an_analyst_says_is_kept_as_it_was_published(sink: AnySink) -> None:
    said = feedback(note='Käufe \u2013 "zwei"\n=1+1')
    await sink.store(Shelf.FEEDBACK, [said])
    document = (await sink.find(Shelf.FEEDBACK))[said.id]
    assert {name: document[name] for name in said.__struct_fields__ if name != "id"} == {
        name: getattr(said, name) for name in said.__struct_fields__ if name != "id"
    }


async def test_what_was_said_of_a_device_goes_with_it(sink: AnySink) -> None:
    await sink.store(Shelf.FEEDBACK, [feedback(1), feedback(2), feedback(3, device_token="device_k1_B")])
    await sink.store(Shelf.VERDICTS, [verdict(1)])
    assert await sink.erase(Shelf.FEEDBACK, ["device_k1_A"]) == 2
    assert set(await sink.find(Shelf.FEEDBACK)) == {feedback(3).id}
    assert await sink.count(Shelf.VERDICTS) == 1


QUOTED = "4929567123456795"
"""The stores serve other tests, too, and keep it on their disks: a number that no other test looks for there."""


async def test_what_elasticsearch_quotes_of_a_document_is_not_passed_on(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # as drivers are set
    sink = ElasticSink(settings)
    await sink.prepare()
    seen = FixEvidence(at=f"{QUOTED}x", horizontal_accuracy_m=5.0, speed_mps=None, latitude=40.0, longitude=-75.0)
    bad = verdict(fix_before=seen)
    raw = await sink._client.bulk(operations=list(sink._operation(Shelf.VERDICTS, bad)))
    assert "Preview of field's value" in str(raw)
    assert shows_canary(str(raw["items"][0]["index"]["error"]), QUOTED), "it does quote it"
    (refusal,) = (await sink.store(Shelf.VERDICTS, [bad])).refusals
    await sink.close()
    assert not shows_canary(refusal.reason + caplog.text, QUOTED)


async def test_what_mongodb_quotes_of_a_document_is_not_passed_on(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # as drivers are set
    sink = MongoSink(settings)
    collection = sink._collection(Shelf.VERDICTS)
    await collection.create_indexes([IndexModel([("merchant", 1)], unique=True)])
    first, second = verdict(1, merchant=QUOTED), verdict(2, merchant=QUOTED)
    assert (await sink.store(Shelf.VERDICTS, [first])).stored == 1
    with pytest.raises(BulkWriteError) as refused:
        await collection.bulk_write([mongo._replace(second)])
    details = {"writeErrors": [dict(error, code=2) for error in refused.value.details["writeErrors"]]}
    assert shows_canary(str(details), QUOTED), "it does quote it"
    (refusal,) = mongo.receipt(details, [second]).refusals
    with pytest.raises(UnavailableError) as unavailable:
        mongo.receipt({"writeErrors": [dict(error, code=14_031) for error in details["writeErrors"]]}, [second])
    await sink.store(Shelf.VERDICTS, [second])
    await sink.close()
    assert not shows_canary(refusal.reason + str(unavailable.value) + caplog.text, QUOTED)


async def test_months_before_the_one_that_is_kept_are_deleted_and_no_others(sink: AnySink) -> None:
    times = (
        "2025-12-31T23:59:59.999Z",
        "2026-01-01T00:00:00.000Z",
        "2026-01-31T23:59:59.999Z",
        "2026-02-01T00:00:00.000Z",
    )
    await sink.store(Shelf.VERDICTS, [verdict(number, timestamp=time) for number, time in enumerate(times)])
    await sink.store(Shelf.FEEDBACK, [feedback(number, timestamp=time) for number, time in enumerate(times)])
    assert await sink.expire(Shelf.SUSPECTS, Month(2026, 2)) == 0
    assert [await sink.expire(Shelf.VERDICTS, Month(2026, 2)) for _ in range(2)] == [3, 0]
    assert set(await sink.find(Shelf.VERDICTS)) == {verdict(3).id}
    assert await sink.expire(Shelf.FEEDBACK, Month(2026, 1)) == 1
    assert len(await sink.find(Shelf.FEEDBACK)) == 3
    assert await sink.store(Shelf.VERDICTS, [verdict(0, timestamp=times[0])]) == Receipt(stored=1), "as if it were new"


async def test_an_index_of_somebody_else_stays_whatever_its_name(settings: Settings) -> None:
    sink = ElasticSink(settings)
    await sink.prepare()
    other = f"{sink.alias(Shelf.VERDICTS)}-copy"
    await sink._client.indices.create(index=other)
    assert await sink.expire(Shelf.VERDICTS, Month(2099, 1)) == 0
    assert await sink._client.indices.exists(index=other)
    await sink.close()
