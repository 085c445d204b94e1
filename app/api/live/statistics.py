"""Live statistics over sliding windows. Pure: the caller passes the time.

Rates count only whole seconds that are over, so they do not depend on the moment within the current second.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from app.api.live.lag_estimator import LagEstimator
from schemas.json.timestamps import format_us
from schemas.verdict import Outcome, Verdict

RATE_WINDOW_S: Final = 10
SHARE_WINDOW_S: Final = 60
TOP_N: Final = 5
TRACKED_MAX: Final = 50_000
"""Capacity of the set of seen suspects and of the high-value list. When full, the oldest entry is dropped."""


class HighValue(msgspec.Struct, frozen=True):
    """Rule for high-value suspects: the minimum amount, in any currency, and the length of the window."""

    amount: float
    window_s: int


class CardholderStats(msgspec.Struct, frozen=True):
    """High-value suspects of one cardholder in one currency. `amount`: their sum, a decimal string."""

    user_token: str
    payments: int
    amount: str
    currency: str | None


class TopCardholders(msgspec.Struct, frozen=True):
    """Cardholders with high-value suspects. `count`: all of them. `amount`: minimum amount of the rule."""

    count: int
    amount: float
    top: tuple[CardholderStats, ...]


class StatisticsSnapshot(msgspec.Struct, frozen=True):
    """The statistics of a page. Null: unknown. `judged` and `suspects`: totals since the first record that was read."""

    at: str
    payments_per_s: float
    suspects_per_min: int
    not_evaluable_share: float | None
    lag: int | None
    lag_s: float | None
    judged: int
    suspects: int
    people: TopCardholders


class SuspectEntry(NamedTuple):
    """A high-value suspect in the window."""

    at_s: float
    user_token: str
    device_token: str
    amount: Decimal
    currency: str | None


@dataclass(slots=True)
class SecondBucket:
    """Counts of one second."""

    payments: int = 0
    not_evaluable: int = 0
    suspects: int = 0


class LiveStatistics:
    """Statistics of first verdicts and of revisions of suspects. `at_s`: record time; `now_s`: time of the server."""

    def __init__(self, high_value: HighValue) -> None:
        self.high_value = high_value
        self._buckets: defaultdict[int, SecondBucket] = defaultdict(SecondBucket)
        self._seen_suspects: OrderedDict[str, None] = OrderedDict()
        self._high_value: OrderedDict[str, SuspectEntry] = OrderedDict()
        self._judged = 0
        self._suspects = 0

    def add_first_verdict(self, outcome: Outcome, at_s: float, now_s: float) -> None:
        """Count the first verdict of a payment."""
        second = self._bucket(at_s, now_s)
        second.payments += 1
        second.not_evaluable += outcome is Outcome.NOT_EVALUABLE
        self._judged += 1

    def add_suspect(self, verdict: Verdict, at_s: float, now_s: float) -> None:
        """Add a revision of a case: count a new suspect, and update the high-value list."""
        is_suspect = verdict.verdict is Outcome.SUSPECT
        if is_suspect and verdict.id not in self._seen_suspects:
            self._seen_suspects[verdict.id] = None
            self._bucket(at_s, now_s).suspects += 1
            self._suspects += 1
        amount = Decimal(verdict.amount)
        if not is_suspect or amount < Decimal(str(self.high_value.amount)):
            self._high_value.pop(verdict.id, None)
        else:
            since_s = self._high_value[verdict.id].at_s if verdict.id in self._high_value else min(at_s, now_s)
            person = verdict.user_token or verdict.card_token  # without a user, the card stands for the cardholder
            self._high_value[verdict.id] = SuspectEntry(since_s, person, verdict.device_token, amount, verdict.currency)
        for memory in (self._seen_suspects, self._high_value):
            if len(memory) > TRACKED_MAX:
                memory.popitem(last=False)

    def erase(self, device_tokens: Iterable[str]) -> None:
        """Remove the high-value entries of erased devices. Counts stay, because they identify nobody."""
        tokens = set(device_tokens)
        self._high_value = OrderedDict(
            (id_, one) for id_, one in self._high_value.items() if one.device_token not in tokens
        )

    def snapshot(self, now_s: float, estimator: LagEstimator) -> StatisticsSnapshot:
        """Return the statistics now, and drop everything that has left its window."""
        this_second = int(now_s)
        for old in [second for second in self._buckets if second < this_second - SHARE_WINDOW_S]:
            del self._buckets[old]
        complete = [one for second, one in self._buckets.items() if second < this_second]
        payments = sum(one.payments for one in complete)
        last_seconds = range(this_second - RATE_WINDOW_S, this_second)
        recent = sum(self._buckets[second].payments for second in last_seconds if second in self._buckets)
        lag = estimator.estimate(now_s)
        return StatisticsSnapshot(
            at=format_us(round(now_s * 1000) * 1000),
            payments_per_s=recent / RATE_WINDOW_S,
            suspects_per_min=sum(one.suspects for one in complete) * 60 // SHARE_WINDOW_S,
            not_evaluable_share=sum(one.not_evaluable for one in complete) / payments if payments else None,
            lag=None if lag is None else lag.records,
            lag_s=None if lag is None else lag.seconds,
            judged=self._judged,
            suspects=self._suspects,
            people=self._top_cardholders(now_s),
        )

    def _top_cardholders(self, now_s: float) -> TopCardholders:
        since_s = now_s - self.high_value.window_s
        self._high_value = OrderedDict((id_, one) for id_, one in self._high_value.items() if one.at_s > since_s)
        spent: defaultdict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
        payments: Counter[tuple[str, str | None]] = Counter()
        for one in self._high_value.values():
            whose = (one.user_token, one.currency)
            spent[whose] += one.amount
            payments[whose] += 1
        top = sorted(spent, key=lambda whose: (-spent[whose], whose[0]))[:TOP_N]
        return TopCardholders(
            count=len({user for user, _ in spent}),
            amount=self.high_value.amount,
            top=tuple(CardholderStats(whose[0], payments[whose], str(spent[whose]), whose[1]) for whose in top),
        )

    def _bucket(self, at_s: float, now_s: float) -> SecondBucket:
        """Return the bucket of a second. A record from a clock ahead of this one counts now."""
        return self._buckets[int(min(at_s, now_s))]
