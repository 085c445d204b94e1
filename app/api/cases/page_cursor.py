"""The page cursor: sort values of the last case on a page (keyset pagination). Opaque to the client."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

CHARACTERS_MAX: Final = 2_000


class Sort(StrEnum):
    """Order of a search."""

    NEWEST = "newest"
    HIGHEST_RISK = "gravest"


_TIE_BREAKERS: Final = (("timestamp", "desc"), ("transaction_id", "asc"), ("card_token", "asc"))
ORDER: Final[Mapping[Sort, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {Sort.NEWEST: _TIE_BREAKERS, Sort.HIGHEST_RISK: (("risk", "desc"), *_TIE_BREAKERS)}
)
"""Sort fields. The last fields break ties, because a page must end between two cases."""

NUMERIC_FIELDS: Final = frozenset({"timestamp", "risk"})
"""Sort fields with numeric values. A time is in epoch milliseconds, as Elasticsearch sorts it."""

SortValue = Annotated[int, msgspec.Meta(ge=0, le=2**53)] | str


class PageCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """End of a page. `after`: sort values of its last case, one for each field of the order."""

    sort: Sort
    after: tuple[SortValue, ...]


_decode = msgspec.json.Decoder(PageCursor).decode


def encode(cursor: PageCursor) -> str:
    """Return the cursor as text for a URL."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode(text: str) -> PageCursor | None:
    """Return the cursor of a text; None where it is not one. Never raises."""
    if len(text) > CHARACTERS_MAX or not text.isascii():
        return None
    try:
        cursor = _decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    wanted = [field in NUMERIC_FIELDS for field, _ in ORDER[cursor.sort]]
    return cursor if [isinstance(value, int) for value in cursor.after] == wanted else None
