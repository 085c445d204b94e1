"""The part of Kibana's query language that the panels use: `field : value` and `not field : value`."""

import re
from collections.abc import Mapping
from typing import Any

CLAUSE = re.compile(r'(not )?([a-z_.]+) : (?:"([a-z_]+)"|([0-9]+))')


class Kuery:
    """A query. An empty one matches every document."""

    def __init__(self, text: str) -> None:
        match = CLAUSE.fullmatch(text)
        assert match or not text, f"the tests do not support this query: {text}"
        self._clause = match and (match[1] is None, match[2], match[3] or int(match[4]))

    @property
    def fields(self) -> list[str]:
        """Fields of the query."""
        return [self._clause[1]] if self._clause else []

    def as_query(self) -> dict[str, Any]:
        """Return the query that Kibana sends to Elasticsearch."""
        if self._clause is None:
            return {"match_all": {}}
        is_positive, field, value = self._clause
        return {"bool": {"filter" if is_positive else "must_not": [{"match_phrase": {field: value}}]}}

    def matches(self, document: Mapping[str, Any]) -> bool:
        """Return whether a document matches."""
        if self._clause is None:
            return True
        is_positive, field, value = self._clause
        return (document.get(field) == value) is is_positive
