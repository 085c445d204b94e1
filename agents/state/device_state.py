"""Device state: the state of one device while a batch changes it."""

from msgspec.structs import replace

from agents.batch import Batch
from agents.context import AgentContext
from agents.reevaluation import Reevaluation
from agents.rules.evidence.point_codec import PackedPoints
from agents.rules.publish.mask import NO_ALIASES, Aliases
from agents.rules.state_limits import STATE_LIMITS
from agents.state.erasure_tombstones import ErasureTombstones
from agents.state.open_payments import OpenPayments, TrackedPayment
from agents.state.position_history import KEY_SEPARATOR, PositionHistory
from agents.state.seen_transactions import SeenTransactions
from schemas.codes.fix_fault import FixFault
from schemas.push import Push
from schemas.verdict import MaskedPayment


def device_key(key: bytes) -> bytes | None:
    """Return the key of the device that a row belongs to, or None for a checkpoint."""
    return key.partition(KEY_SEPARATOR)[0] or None


class DeviceState:
    """The unit of work of one device: it reads cells at the start and writes them with `save`."""

    def __init__(self, batch: Batch, key: bytes, context: AgentContext) -> None:
        self._batch = batch
        self._key = key
        self._context = context
        self._history = PositionHistory(batch, key)
        self._payments = OpenPayments(batch, key)
        self._seen: SeenTransactions | None = None
        self._fixes = PackedPoints()
        self._pushed_ms = 0
        self._newest_ms = self._history.newest_ms or 0
        self._has_new_transaction = False

    @property
    def erased_until_ms(self) -> int:
        """Records up to this time (epoch milliseconds) belong to an erased device. 0: it was never erased."""
        return 0

    def add_fixes(self, push: Push, pushed_ms: int) -> None:
        """Add the fixes of a push. `pushed_ms`: timestamp of its record."""
        newest_ms = self._fixes.add(push, pushed_ms, self._newest_ms - 1000 * STATE_LIMITS.lateness_s)
        if newest_ms is None:
            return
        self._newest_ms = max(self._newest_ms, newest_ms)
        self._pushed_ms = max(self._pushed_ms, pushed_ms)

    def add_payment(self, payment: TrackedPayment, masked: MaskedPayment) -> None:
        """Add a new payment."""
        self._payments.add(payment, masked)

    def is_new(self, transaction: str, at_ms: int, aliases: Aliases = NO_ALIASES) -> bool:
        """Return whether the transaction token is new under every recognised key, and remember it."""
        self._seen = self._seen or SeenTransactions(self._batch, self._key)
        new = self._seen.add(transaction, at_ms, aliases.ids)
        self._has_new_transaction = self._has_new_transaction or new
        return new

    def save(self) -> None:
        """Publish changed answers and write the changed cells."""
        due = list(self._payments.new)
        for fault in self._fixes.faults:
            self._batch.count(fault)
        if fixes_ms := self._fixes.moments_ms:
            self._history.add(self._fixes.points, self._newest_ms, self._pushed_ms, self._payments)
            new = {payment.id for payment in due}
            affected = self._payments.due(fixes_ms, self._history.received_ms)
            due += [payment for payment in affected if payment.id not in new]
            self._history.save()
        if due:
            overflow = self._payments.overflow
            reevaluate = Reevaluation(self._batch, self._key, self._history, self._payments, self._context)
            reevaluate([*due, *(payment for payment in overflow if payment not in due)], ended=overflow)
        if self._has_new_transaction and self._seen is not None:
            self._seen.save()


class ErasedDeviceState(DeviceState):
    """The state of an erased device that reports again; it drops everything from before the erasure.

    It is a class of its own so that fixes of other devices are not checked twice.
    """

    def __init__(self, batch: Batch, key: bytes, context: AgentContext, erased_until_ms: int) -> None:
        super().__init__(batch, key, context)
        self._erased_until_ms = erased_until_ms

    @property
    def erased_until_ms(self) -> int:
        return self._erased_until_ms

    def add_fixes(self, push: Push, pushed_ms: int) -> None:
        """Add the fixes from after the erasure.

        A fix is older if the phone says so. It is older in any case if the broker had its push before the erasure.
        """
        until_ms = self._erased_until_ms
        kept = tuple(fix for fix in push.fixes if fix.at_ms > until_ms) if pushed_ms > until_ms else ()
        if dropped := len(push.fixes) - len(kept):
            self._batch.count(FixFault.FORGOTTEN, dropped)
        super().add_fixes(replace(push, fixes=kept), pushed_ms)


class DeviceStates(dict[bytes, DeviceState]):
    """The devices that a batch touches, by key. Each is read once and saved once."""

    def __init__(self, batch: Batch, context: AgentContext) -> None:
        super().__init__()
        self._batch = batch
        self._context = context
        self._tombstones = ErasureTombstones(batch, context.masker)

    def __missing__(self, key: bytes) -> DeviceState:
        erased_until_ms = self._tombstones.erased_until_ms(key)
        if erased_until_ms:
            device: DeviceState = ErasedDeviceState(self._batch, key, self._context, erased_until_ms)
        else:
            device = DeviceState(self._batch, key, self._context)
        self[key] = device
        return device

    def save(self) -> None:
        """Save every device."""
        for device in self.values():
            device.save()
