"""JSON Schemas of the records, built from the types that read and write them."""

import json
from typing import Any

import msgspec

from schemas.dead_letter import DeadLetter
from schemas.erasure import Erasure, ErasureRequest
from schemas.feedback import Feedback
from schemas.payment import Payment
from schemas.push import Push
from schemas.verdict import Verdict

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas() -> dict[str, str]:
    """Return the text of each schema by file name.

    `verdicts`, `feedback`, `erased` and `dead_letters` describe output, the others accepted input. `erased` is a
    completed erasure among verdicts and feedback.
    """
    schemas: dict[str, dict[str, Any]] = {
        "transactions": _payment(),
        "locations": msgspec.json.schema(Push),
        "verdicts": msgspec.json.schema(Verdict),
        "erased": msgspec.json.schema(Erasure),
        "erasures": msgspec.json.schema(ErasureRequest),
        "feedback": msgspec.json.schema(Feedback),
        "dead_letters": msgspec.json.schema(DeadLetter),
    }
    return {
        f"{name}.schema.json": json.dumps({"$schema": DIALECT, **schema}, indent=1) + "\n"
        for name, schema in schemas.items()
    }


def _payment() -> dict[str, Any]:
    """Return the input schema of a payment. Pydantic describes parsed values; three fields accept more JSON types."""
    schema = Payment.model_json_schema(mode="validation")
    schema["properties"]["timestamp"] = {
        "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}],
        "description": "RFC 3339 with offset, or epoch seconds",
    }
    schema["properties"]["amount"] = {
        "anyOf": [{"type": "string", "pattern": r"^\d{1,13}(\.\d{1,20})?$"}, {"type": "number", "minimum": 0}],
        "description": "rounded to two fraction digits",
    }
    schema["properties"]["card_number"] = {
        "type": "string",
        "pattern": r"^(?:[0-9][ -]?){11,18}[0-9]$",
        "description": "12 to 19 digits; spaces and dashes are ignored",
    }
    return schema
