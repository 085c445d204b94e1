"""Records into one store; what the store or the schema refuses becomes dead letters.

A device that is to be forgotten is deleted first, and then only what was said after that is stored.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from agents.batch import Countable, Record
from agents.deliver import Parcel, Parse, unpack_parcel
from agents.refuse import dead_letter
from app.metrics import RECORDS
from app.sink.sink import Receipt, Shelf, Sink
from app.stream.application import StreamApp
from app.stream.producer import Message, Producer
from schemas.erasure import Removed
from schemas.feedback import parse_feedback
from schemas.reject import Reject, RejectCode
from schemas.tally import Tally
from schemas.verdict import parse_verdict

log = logging.getLogger(__name__)

WHAT_LIES_ON: Final[Mapping[Shelf, Parse]] = MappingProxyType(
    {Shelf.VERDICTS: parse_verdict, Shelf.SUSPECTS: parse_verdict, Shelf.FEEDBACK: parse_feedback}
)


class Delivery:
    """Bound to one store and one of its shelves."""

    def __init__(self, app: StreamApp, sink: Sink, shelf: Shelf) -> None:
        self._app = app
        self._sink = sink
        self._shelf = shelf

    async def __call__(self, records: Sequence[Record]) -> None:
        """Returns when all is durable. Idempotent.

        Raises:
            UnavailableError: the store does not answer; any part may have been stored.
        """
        parcel = unpack_parcel(records, WHAT_LIES_ON[self._shelf])
        erased = await self._sink.erase(self._shelf, parcel.erased) if parcel.erased else 0
        receipt = await self._sink.store(self._shelf, [one for _, one in parcel.kept.values()])
        if never := receipt.refusals:
            kinds = ", ".join(sorted({refusal.reason for refusal in never}))
            log.error("%d documents will never be stored here (%s): they are dead letters now", len(never), kinds)
        refused = [
            *parcel.refused,
            *((parcel.kept[refusal.document.id][0], Reject(RejectCode.REFUSED_BY_STORE)) for refusal in never),
        ]
        if refused:
            policy = self._app.keyring.current()
            letters = [Message(None, dead_letter(record, reject, policy.masker)) for record, reject in refused]
            await Producer.of(self._app).write(policy.topics.dead_letters, records[0].partition, letters)
        self._note(records, parcel, receipt)
        self._app.metrics.tell(records[0].topic, {Tally.ERASED: parcel.erasures, Removed.DOCUMENT: erased})

    def _note(self, records: Sequence[Record], parcel: Parcel, receipt: Receipt) -> None:
        """Counts what is durable now."""
        topic = records[0].topic
        counts: Counter[Countable] = Counter(reject.code for _, reject in parcel.refused)
        counts[RejectCode.REFUSED_BY_STORE] = len(receipt.refusals)
        counts[Tally.STORED], counts[Tally.STALE] = receipt.stored, receipt.stale
        counts[Tally.SUPERSEDED] = len(records) - len(parcel.kept) - len(parcel.refused) - parcel.erasures
        self._app.metrics.add(RECORDS, len(records), topic=topic)
        self._app.metrics.tell(topic, counts)
