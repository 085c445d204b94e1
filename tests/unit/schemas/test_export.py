"""The JSON Schemas describe the records that are read and written."""

import json

import jsonschema
import pytest

from schemas.erasure import Erasure, ErasureRequest, encode_erasure, encode_request
from schemas.export import json_schemas
from schemas.feedback import encode_feedback
from schemas.verdict import encode_verdict
from tests.support.batch import CONTEXT
from tests.support.make import feedback, fix, payment, push, verdict

SCHEMAS = {name.split(".")[0]: json.loads(text) for name, text in json_schemas().items()}


def test_a_payment_of_the_contract_matches_its_schema() -> None:
    jsonschema.validate(payment(), SCHEMAS["transactions"])
    jsonschema.validate(
        payment(amount=7, timestamp=1795256130.25, latitude=None, longitude=None), SCHEMAS["transactions"]
    )


def test_a_push_of_the_contract_matches_its_schema() -> None:
    jsonschema.validate(push(fix(speed_mps=None), fix(mock=True)), SCHEMAS["locations"])


def test_a_written_verdict_matches_its_schema() -> None:
    jsonschema.validate(json.loads(encode_verdict(verdict())), SCHEMAS["verdicts"])
    jsonschema.validate(json.loads(encode_verdict(verdict(place=None, user_token=None))), SCHEMAS["verdicts"])


def test_written_feedback_matches_its_schema() -> None:
    jsonschema.validate(json.loads(encode_feedback(feedback())), SCHEMAS["feedback"])
    jsonschema.validate(json.loads(encode_feedback(feedback(note=""))), SCHEMAS["feedback"])


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("transactions", payment(latitude=91)),
        ("transactions", payment(card_number=4111111111111111)),
        ("transactions", payment(transaction_id=...)),
        ("locations", push(fix(latitude="1"))),
        ("locations", push() | {"fixes": []}),
        ("feedback", json.loads(encode_feedback(feedback())) | {"verdict": "suspect"}),
        ("feedback", json.loads(encode_feedback(feedback())) | {"note": "x" * 1001}),
    ],
)
def test_a_rejected_record_does_not_match_its_schema(name: str, record: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, SCHEMAS[name])


def test_erasure_records_match_their_schemas() -> None:
    jsonschema.validate(json.loads(encode_request(ErasureRequest("phone-1"))), SCHEMAS["erasures"])
    token = CONTEXT.masker.token("device", "phone-1")
    erased = Erasure(
        device_tokens=(token,), request=3, forgotten_at="2026-11-21T12:00:00.000Z", rows=7, open_payments=0
    )
    jsonschema.validate(json.loads(encode_erasure(erased)), SCHEMAS["erased"])
