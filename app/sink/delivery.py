"""Records into one store; what the store or the schema refuses becomes dead letters."""

import logging
from collections import Counter
from collections.abc import Sequence

from agents.batch import Countable, Record
from agents.deliver import Parcel, unpack_parcel
from agents.policy import Policy
from agents.refuse import dead_letter
from app.metrics import RECORDS
from app.sink.sink import Receipt, Shelf, Sink
from app.stream.application import StreamApp
from app.stream.producer import Message, Producer
from schemas.reject import Reject, RejectCode
from schemas.tally import Tally

log = logging.getLogger(__name__)


class Delivery:
    """Bound to one store and one of its shelves."""

    def __init__(self, app: StreamApp, sink: Sink, shelf: Shelf, policy: Policy) -> None:
        self._app = app
        self._sink = sink
        self._shelf = shelf
        self._policy = policy

    async def __call__(self, records: Sequence[Record]) -> None:
        """Returns when all is durable. Idempotent.

        Raises:
            UnavailableError: the store does not answer; any part may have been stored.
        """
        parcel = unpack_parcel(records)
        receipt = await self._sink.store(self._shelf, [verdict for _, verdict in parcel.verdicts.values()])
        if never := receipt.refusals:
            kinds = ", ".join(sorted({refusal.reason for refusal in never}))
            log.error("%d verdicts will never be stored here (%s): they are dead letters now", len(never), kinds)
        refused = [
            *parcel.refused,
            *((parcel.verdicts[refusal.verdict.id][0], Reject(RejectCode.REFUSED_BY_STORE)) for refusal in never),
        ]
        if refused:
            letters = [Message(None, dead_letter(record, reject, self._policy.masker)) for record, reject in refused]
            await Producer.of(self._app).write(self._policy.topics.dead_letters, records[0].partition, letters)
        self._note(records, parcel, receipt)

    def _note(self, records: Sequence[Record], parcel: Parcel, receipt: Receipt) -> None:
        """Counts what is durable now."""
        topic = records[0].topic
        counts: Counter[Countable] = Counter(reject.code for _, reject in parcel.refused)
        counts[RejectCode.REFUSED_BY_STORE] = len(receipt.refusals)
        counts[Tally.STORED], counts[Tally.STALE] = receipt.stored, receipt.stale
        counts[Tally.SUPERSEDED] = len(records) - len(parcel.verdicts) - len(parcel.refused)
        self._app.metrics.add(RECORDS, len(records), topic=topic)
        self._app.metrics.tell(topic, counts)
