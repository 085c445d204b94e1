"""Newest: the suspects themselves, a line each, as Kibana's Discover lists them."""

from typing import Final

from deploy.kibana.data_view import TIME_FIELD, DataView
from deploy.kibana.saved_object import SavedObject, compact, kuery

COLUMNS: Final = (
    "risk",
    "amount",
    "currency",
    "merchant",
    "reason",
    "codes",
    "distance_m",
    "implied_speed_mps",
    "status",
    "revision",
    "episode_id",
    "device_token",
)


def newest(view: DataView, kql: str) -> SavedObject:
    """A saved search; the newest payment first."""
    source = {
        "query": kuery(kql),
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    attributes = {
        "title": f"{view.title}, newest first",
        "description": "Suspect payments with the reason in a sentence",
        "columns": list(COLUMNS),
        "sort": [[TIME_FIELD, "desc"]],
        "hits": 0,
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact(source)},
    }
    reference = view.reference("kibanaSavedObjectMeta.searchSourceJSON.index")
    return SavedObject("search", f"{view.alias}-newest", attributes, (reference,))
