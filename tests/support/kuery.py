"""Kibana's query language, as far as our panels use it: `field : value` and `not field : value`."""

import re
from collections.abc import Mapping
from typing import Any

CLAUSE = re.compile(r'(not )?([a-z_.]+) : (?:"([a-z_]+)"|([0-9]+))')


class Kuery:
    """One query; an empty one is about everything."""

    def __init__(self, text: str) -> None:
        match = CLAUSE.fullmatch(text)
        assert match or not text, f"these tests do not know what it means: {text}"
        self._clause = match and (match[1] is None, match[2], match[3] or int(match[4]))

    @property
    def fields(self) -> list[str]:
        return [self._clause[1]] if self._clause else []

    def asked(self) -> dict[str, Any]:
        """As Kibana asks Elasticsearch."""
        if self._clause is None:
            return {"match_all": {}}
        holds, field, value = self._clause
        return {"bool": {"filter" if holds else "must_not": [{"match_phrase": {field: value}}]}}

    def holds(self, document: Mapping[str, Any]) -> bool:
        """Whether it is true of a document."""
        if self._clause is None:
            return True
        holds, field, value = self._clause
        return (document.get(field) == value) is holds
