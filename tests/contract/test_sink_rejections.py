"""Documents that a real store rejects, and error messages without their content."""

import asyncio
import logging
import re

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
from app.topology import SINKS, SinkApp
from schemas.verdict import FixEvidence, MerchantLocation
from tests.support.bad_inputs import shows_canary
from tests.support.make import verdict
from tests.support.service import changed


async def test_elasticsearch_names_a_rejected_document_and_stores_the_others(settings: Settings) -> None:
    sink = ElasticSink(settings)
    await sink.prepare()
    invalid, error_type = verdict(2, place=MerchantLocation(lat=200.0, lon=0.0)), "document_parsing_exception"
    result = await sink.store(Dataset.VERDICTS, [verdict(1), invalid, verdict(3)])
    assert result == WriteResult(stored=2, rejected=(RejectedDocument(invalid, error_type),))
    assert await sink.count(Dataset.VERDICTS) == 2
    await sink.close()


def test_mongodb_names_a_rejected_document() -> None:
    """The answers follow the documentation, because the local server validates no document."""
    errors = [{"index": 0, "code": mongo.DUPLICATE_KEY}, {"index": 1, "code": 16_755}]
    result = mongo.write_result({"writeErrors": errors}, [verdict(1), verdict(2), verdict(3)])
    assert result == WriteResult(stored=1, stale=1, rejected=(RejectedDocument(verdict(2), "code 16755"),))


@pytest.mark.parametrize(
    ("status", "fault"),
    [(403, "security_exception"), (429, "es_rejected_execution_exception"), (400, "validation_exception"), (500, "io")],
)
def test_a_transient_error_of_elasticsearch_rejects_no_document(status: int, fault: str) -> None:
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
def test_a_transient_error_of_mongodb_rejects_no_document(details: dict[str, object]) -> None:
    with pytest.raises(UnavailableError):
        mongo.write_result(details, [verdict(1)])


@pytest.mark.parametrize("sink_app", SINKS, ids=lambda one: one.name)
async def test_a_store_that_does_not_answer_is_reported_with_what_to_do(settings: Settings, sink_app: SinkApp) -> None:
    down = sink_app.store(changed(settings, mongo_url="mongodb://127.0.0.1:1", elastic_url="http://127.0.0.1:1"))
    attempts = (
        down.prepare(),
        down.store(Dataset.VERDICTS, [verdict()]),
        down.erase(Dataset.VERDICTS, ["device_k1_A"]),
        down.expire(Dataset.VERDICTS, MonthPartition(2026, 1)),
        down.count(Dataset.VERDICTS),
    )
    for error in await asyncio.gather(*attempts, return_exceptions=True):
        assert isinstance(error, UnavailableError)
        assert re.search(r"does not answer .*make up", str(error))
    await down.close()


def test_an_invalid_url_is_reported_with_its_setting(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_ELASTIC_URL"):
        ElasticSink(changed(settings, elastic_url="localhost:9200"))
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_MONGO_URL"):
        MongoSink(changed(settings, mongo_url="mongodb://localhost:port"))


QUOTED = "4929567123456795"
"""A number that no other test searches for, since the stores serve other tests and keep it on their disks."""


async def test_no_message_contains_what_elasticsearch_quotes_of_a_document(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # the level of drivers
    sink = ElasticSink(settings)
    await sink.prepare()
    seen = FixEvidence(at=f"{QUOTED}x", horizontal_accuracy_m=5.0, speed_mps=None, latitude=40.0, longitude=-75.0)
    bad = verdict(fix_before=seen)
    raw = await sink._client.bulk(operations=list(sink._operation(Dataset.VERDICTS, bad)))
    assert "Preview of field's value" in str(raw)
    assert shows_canary(str(raw["items"][0]["index"]["error"]), QUOTED), "the server quotes it"
    (rejected,) = (await sink.store(Dataset.VERDICTS, [bad])).rejected
    await sink.close()
    assert not shows_canary(rejected.reason + caplog.text, QUOTED)


async def test_no_message_contains_what_mongodb_quotes_of_a_document(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # the level of drivers
    sink = MongoSink(settings)
    collection = sink._collection(Dataset.VERDICTS)
    await collection.create_indexes([IndexModel([("merchant", 1)], unique=True)])
    first, second = verdict(1, merchant=QUOTED), verdict(2, merchant=QUOTED)
    assert (await sink.store(Dataset.VERDICTS, [first])).stored == 1
    with pytest.raises(BulkWriteError) as error_info:
        await collection.bulk_write([mongo._upsert(second)])
    details = {"writeErrors": [dict(one, code=2) for one in error_info.value.details["writeErrors"]]}
    assert shows_canary(str(details), QUOTED), "the server quotes it"
    (rejected,) = mongo.write_result(details, [second]).rejected
    with pytest.raises(UnavailableError) as unavailable:
        mongo.write_result({"writeErrors": [dict(one, code=14_031) for one in details["writeErrors"]]}, [second])
    await sink.store(Dataset.VERDICTS, [second])
    await sink.close()
    assert not shows_canary(rejected.reason + str(unavailable.value) + caplog.text, QUOTED)
