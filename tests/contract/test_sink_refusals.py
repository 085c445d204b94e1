"""What each real store does not take, and what is said of it: never what the document holds."""

import asyncio
import logging
import re
from collections.abc import Callable

import pytest
from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from app.errors import ConfigurationError, UnavailableError
from app.settings import Settings
from app.sinks import mongo
from app.sinks.base import Dataset, RejectedDocument, WriteResult
from app.sinks.elasticsearch import sink as elastic
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from app.sinks.retention import MonthPartition
from schemas.verdict import FixEvidence, MerchantLocation
from tests.support.bad_inputs import shows_canary
from tests.support.make import verdict
from tests.support.service import changed
from tests.support.sinks import AnySink


async def test_a_document_that_elasticsearch_will_never_take_is_named_and_its_neighbours_are_stored(
    settings: Settings,
) -> None:
    sink = ElasticSink(settings)
    await sink.prepare()
    nowhere, refused = verdict(2, place=MerchantLocation(lat=200.0, lon=0.0)), "document_parsing_exception"
    receipt = await sink.store(Dataset.VERDICTS, [verdict(1), nowhere, verdict(3)])
    assert receipt == WriteResult(stored=2, refusals=(RejectedDocument(nowhere, refused),))
    assert await sink.count(Dataset.VERDICTS) == 2
    await sink.close()


def test_a_document_that_mongodb_will_never_take_is_named() -> None:
    """With its answers as they are documented: the local server checks no document."""
    errors = [{"index": 0, "code": mongo.DUPLICATE_KEY}, {"index": 1, "code": 16_755}]
    receipt = mongo.write_result({"writeErrors": errors}, [verdict(1), verdict(2), verdict(3)])
    assert receipt == WriteResult(stored=1, stale=1, refusals=(RejectedDocument(verdict(2), "code 16755"),))


@pytest.mark.parametrize(
    ("status", "fault"),
    [(403, "security_exception"), (429, "es_rejected_execution_exception"), (400, "validation_exception"), (500, "io")],
)
def test_what_elasticsearch_may_take_later_is_no_refusal(status: int, fault: str) -> None:
    results: list[dict[str, object]] = [{"status": 201}, {"status": status, "error": {"type": fault}}]
    with pytest.raises(UnavailableError, match=f"status {status}, {fault}"):
        elastic.write_result(results, [verdict(1), verdict(2)])


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
        mongo.write_result(details, [verdict(1)])


@pytest.mark.parametrize("make", [MongoSink, ElasticSink])
async def test_a_store_that_does_not_answer_is_said_with_what_to_do(
    settings: Settings, make: Callable[[Settings], AnySink]
) -> None:
    away = make(changed(settings, mongo_url="mongodb://127.0.0.1:1", elastic_url="http://127.0.0.1:1"))
    attempts = (
        away.prepare(),
        away.store(Dataset.VERDICTS, [verdict()]),
        away.erase(Dataset.VERDICTS, ["device_k1_A"]),
        away.expire(Dataset.VERDICTS, MonthPartition(2026, 1)),
        away.count(Dataset.VERDICTS),
    )
    for said in await asyncio.gather(*attempts, return_exceptions=True):
        assert isinstance(said, UnavailableError)
        assert re.search(r"does not answer .*make up", str(said))
    await away.close()


def test_an_address_that_is_none_is_said_with_its_setting(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_ELASTIC_URL"):
        ElasticSink(changed(settings, elastic_url="localhost:9200"))
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_MONGO_URL"):
        MongoSink(changed(settings, mongo_url="mongodb://localhost:port"))


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
    raw = await sink._client.bulk(operations=list(sink._operation(Dataset.VERDICTS, bad)))
    assert "Preview of field's value" in str(raw)
    assert shows_canary(str(raw["items"][0]["index"]["error"]), QUOTED), "it does quote it"
    (refusal,) = (await sink.store(Dataset.VERDICTS, [bad])).refusals
    await sink.close()
    assert not shows_canary(refusal.reason + caplog.text, QUOTED)


async def test_what_mongodb_quotes_of_a_document_is_not_passed_on(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # as drivers are set
    sink = MongoSink(settings)
    collection = sink._collection(Dataset.VERDICTS)
    await collection.create_indexes([IndexModel([("merchant", 1)], unique=True)])
    first, second = verdict(1, merchant=QUOTED), verdict(2, merchant=QUOTED)
    assert (await sink.store(Dataset.VERDICTS, [first])).stored == 1
    with pytest.raises(BulkWriteError) as refused:
        await collection.bulk_write([mongo._replace(second)])
    details = {"writeErrors": [dict(error, code=2) for error in refused.value.details["writeErrors"]]}
    assert shows_canary(str(details), QUOTED), "it does quote it"
    (refusal,) = mongo.write_result(details, [second]).refusals
    with pytest.raises(UnavailableError) as unavailable:
        mongo.write_result({"writeErrors": [dict(error, code=14_031) for error in details["writeErrors"]]}, [second])
    await sink.store(Dataset.VERDICTS, [second])
    await sink.close()
    assert not shows_canary(refusal.reason + str(unavailable.value) + caplog.text, QUOTED)
