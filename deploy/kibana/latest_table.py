"""The table of the latest suspects, as a search in Kibana's Discover."""

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


def latest_table(view: DataView, kql: str) -> SavedObject:
    """Return the saved search. Its newest payment comes first."""
    source = {
        "query": kuery(kql),
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    attributes = {
        "title": f"{view.title}, newest first",
        "description": "Suspect payments, each with its reason in a sentence",
        "columns": list(COLUMNS),
        "sort": [[TIME_FIELD, "desc"]],
        "hits": 0,
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact(source)},
    }
    reference = view.reference("kibanaSavedObjectMeta.searchSourceJSON.index")
    return SavedObject("search", f"{view.alias}-newest", attributes, (reference,))
