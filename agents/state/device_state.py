"""Device: all that is known of one phone and the payments beside it, while a batch works on it."""

from typing import Final

from msgspec.structs import replace

from agents.batch import Batch
from agents.context import AgentContext
from agents.reevaluation import Reevaluation
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import RiskFactors, amount_score
from agents.rules.evidence.point_codec import PackedPoints
from agents.rules.evidence.selection import LATENESS_S
from agents.rules.publish.mask import NO_ALIASES, Aliases
from agents.rules.publish.short_hash import short_hash, short_hashes
from agents.state.erasure_tombstones import ErasureTombstones
from agents.state.open_payments import OpenPayments, TrackedPayment
from agents.state.position_history import KEY_SEPARATOR, PositionHistory
from agents.state.seen_transactions import SeenTransactions
from schemas.codes.fix_fault import FixFault
from schemas.push import Push
from schemas.verdict import MaskedPayment

LATENESS_MS: Final = 1000 * LATENESS_S


def device_key(key: bytes) -> bytes | None:
    """Whose cell a row of the table is; None: it is a mark."""
    return key.partition(KEY_SEPARATOR)[0] or None


class DeviceState:
    """Cells are read at the beginning and written at the end."""

    def __init__(self, batch: Batch, key: bytes, policy: AgentContext) -> None:
        self._batch = batch
        self._key = key
        self._policy = policy
        self._memory = PositionHistory(batch, key)
        self._book = OpenPayments(batch, key)
        self._judged: SeenTransactions | None = None
        self._heard = PackedPoints()
        self._heard_at_ms = 0
        self._newest_ms = self._memory.newest_ms or 0
        self._paid = False

    @property
    def forgotten_ms(self) -> int:
        """Up to when it is forgotten, epoch milliseconds; 0: it is not."""
        return 0

    def add_fixes(self, push: Push, at_ms: int) -> None:
        """Takes in the fixes of a push whose record has this timestamp."""
        newest_ms = self._heard.add(push, at_ms, self._newest_ms - LATENESS_MS)
        if newest_ms is None:
            return
        self._newest_ms = max(self._newest_ms, newest_ms)
        self._heard_at_ms = max(self._heard_at_ms, at_ms)

    def add_payment(
        self, payment: MaskedPayment, spot: PaymentLocation, at_ms: int, aliases: Aliases = NO_ALIASES
    ) -> None:
        """Takes in a payment whose record has this timestamp."""
        line = TrackedPayment(
            id=short_hash(payment.id),
            card=short_hashes((payment.card_token, *aliases.cards)),
            at_us=spot.at_us,
            latitude=spot.latitude,
            longitude=spot.longitude,
            uncertainty_m=spot.uncertainty_m,
            taken_at_ms=at_ms,
            weight=RiskFactors(0, 0, amount_score(payment.amount)),
        )
        self._book.begin(line, payment)

    def is_new(self, transaction: str, at_ms: int, aliases: Aliases = NO_ALIASES) -> bool:
        """True the first time a transaction is named, under whichever key."""
        self._judged = self._judged or SeenTransactions(self._batch, self._key)
        new = self._judged.add(transaction, at_ms, aliases.ids)
        self._paid = self._paid or new
        return new

    def save(self) -> None:
        """Publishes what is new to say, and puts what has changed into the batch."""
        due = list(self._book.begun)
        for fault in self._heard.faults:
            self._batch.count(fault)
        if heard_ms := self._heard.moments_ms:
            self._memory.add(self._heard.points, self._newest_ms, self._heard_at_ms, self._book)
            begun = {line.id for line in due}
            due += [line for line in self._book.due(heard_ms, self._memory.received_ms) if line.id not in begun]
            self._memory.save()
        if due:
            surplus = self._book.surplus
            review = Reevaluation(self._batch, self._key, self._memory, self._book, self._policy)
            review([*due, *(line for line in surplus if line not in due)], ended=surplus)
        if self._paid and self._judged is not None:
            self._judged.save()


class ErasedDeviceState(DeviceState):
    """A device that was forgotten and is heard of again, or still: what is from before stays out.

    A class of its own, so that nobody else's fixes are looked at twice.
    """

    def __init__(self, batch: Batch, key: bytes, policy: AgentContext, forgotten_ms: int) -> None:
        super().__init__(batch, key, policy)
        self._forgotten_ms = forgotten_ms

    @property
    def forgotten_ms(self) -> int:
        return self._forgotten_ms

    def add_fixes(self, push: Push, at_ms: int) -> None:
        """A fix is from before when the phone says so, and when the broker had it by then, whatever the phone says."""
        since_ms = self._forgotten_ms
        left = tuple(fix for fix in push.fixes if fix.at_ms > since_ms) if at_ms > since_ms else ()
        if dropped := len(push.fixes) - len(left):
            self._batch.count(FixFault.FORGOTTEN, dropped)
        super().add_fixes(replace(push, fixes=left), at_ms)


class DeviceStates(dict[bytes, DeviceState]):
    """The devices a batch has touched by their keys, each read once and saved once."""

    def __init__(self, batch: Batch, policy: AgentContext) -> None:
        super().__init__()
        self._batch = batch
        self._policy = policy
        self._forgotten = ErasureTombstones(batch, policy.masker)

    def __missing__(self, key: bytes) -> DeviceState:
        forgotten_ms = self._forgotten.erased_until_ms(key)
        if forgotten_ms:
            device: DeviceState = ErasedDeviceState(self._batch, key, self._policy, forgotten_ms)
        else:
            device = DeviceState(self._batch, key, self._policy)
        self[key] = device
        return device

    def finish(self) -> None:
        for device in self.values():
            device.save()
