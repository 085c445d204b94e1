"""The JSON Schemas describe what is really read and written."""

import json

import jsonschema
import pytest

from schemas.erasure import Erasure, ErasureRequest, encode_erasure, encode_request
from schemas.export import json_schemas
from schemas.feedback import encode_feedback
from schemas.verdict import encode_verdict
from tests.support.batch import POLICY
from tests.support.make import feedback, fix, payment, push, verdict

SCHEMAS = {name.split(".")[0]: json.loads(text) for name, text in json_schemas().items()}


def test_what_the_contract_shows_as_a_payment_is_one() -> None:
    jsonschema.validate(payment(), SCHEMAS["transactions"])
    jsonschema.validate(
        payment(amount=7, timestamp=1795256130.25, latitude=None, longitude=None), SCHEMAS["transactions"]
    )


def test_what_the_contract_shows_as_a_push_is_one() -> None:
    jsonschema.validate(push(fix(speed_mps=None), fix(mock=True)), SCHEMAS["locations"])


def test_a_written_verdict_is_one() -> None:
    jsonschema.validate(json.loads(encode_verdict(verdict())), SCHEMAS["verdicts"])
    jsonschema.validate(json.loads(encode_verdict(verdict(place=None, user_token=None))), SCHEMAS["verdicts"])


def test_what_an_analyst_says_is_as_described() -> None:
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
def test_what_would_be_refused_does_not_fit_its_schema(name: str, record: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, SCHEMAS[name])


def test_a_request_to_forget_and_the_news_of_it_are_as_described() -> None:
    jsonschema.validate(json.loads(encode_request(ErasureRequest("phone-1"))), SCHEMAS["erasures"])
    token = POLICY.masker.token("device", "phone-1")
    erased = Erasure(
        device_tokens=(token,), request=3, forgotten_at="2026-11-21T12:00:00.000Z", rows=7, open_payments=0
    )
    jsonschema.validate(json.loads(encode_erasure(erased)), SCHEMAS["erased"])
