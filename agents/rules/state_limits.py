"""State limits: which points, payments and hashes the detector keeps, how densely and for how long.

These numbers decide the content of rows. A changed number applies to new rows only, so live verdicts would differ from
verdicts over the same files. A change therefore needs a migration of the rows, unlike a change of `RuleParameters`.
The layout of the rows themselves is defined beside the code that writes them.
"""

from dataclasses import dataclass
from typing import Final

HOUR_S: Final = 3_600
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLimits:
    """Numbers that decide the content of rows. The unit is the suffix of each name.

    Attributes:
        future_ms: a fix this much later than the receipt of its push comes from a wrong clock and is dropped
            (docs/reference/bad-inputs.md, 29).
        speed_max_mps: a higher reported speed is a sensor error and stored as unknown. No airliner is faster over
            ground, jet streams included.
        poor_accuracy_m: from this standard deviation on a fix counts as poor. Such positions come from a network, not
            from satellites, and carry no measured speed.
        evidence_s: fixes up to this long before and after a payment are evidence. An airliner flies half round the
            Earth in twice this time.
        stale_s: a phone whose last fix is between `evidence_s` and this long before a payment is reported as stale.
            Beyond it the phone counts as unknown.
        bucket_s: widths of the buckets that one point stands for, finest first. Each is a multiple of the one before.
        bucket_within_s: for each bucket width, how far from a payment that width still applies. Every second counts
            near the payment. Points further away matter only where nearer ones are missing or vague: a traveller who
            can continue from a nearer point can also do so from an older one.
        resumed_after_s: a fix at least this long after a payment proves that the phone reports again. Larger than the
            clock error that the rule allows a terminal.
        follow_up_s: fixes are evidence for this long after the phone reports again. They show whether the first ones
            were right.
        lateness_s: a push or a payment may arrive this much later than newer records of either kind.
        reevaluate_after_s: a payment is re-evaluated at the first fix this long after it. 31 s exceeds the clock error
            that the rule allows a terminal.
        reevaluate_present_after_s: the same for a payment with a fix at its location, where further fixes rarely change
            the outcome.
        payments_max: payments kept per device. More than 256 in half a day exceed what a person makes: the oldest are
            closed, then dropped.
        transactions_max: transaction ids kept per device to recognise repeated payments.
        transactions_kept_ms: retention of those ids after the last payment. A repeat follows within minutes, or when
            somebody replays the week of records that the topics keep.
        tombstones_kept_ms: retention of erasure tombstones. Longer than an older record can stay on a topic: records
            are kept for a week, and their segment may need another week to close.
    """

    future_ms: int
    speed_max_mps: float
    poor_accuracy_m: float
    evidence_s: int
    stale_s: int
    bucket_s: tuple[int, ...]
    bucket_within_s: tuple[int, ...]
    resumed_after_s: int
    follow_up_s: int
    lateness_s: int
    reevaluate_after_s: tuple[int, ...]
    reevaluate_present_after_s: tuple[int, ...]
    payments_max: int
    transactions_max: int
    transactions_kept_ms: int
    tombstones_kept_ms: int

    @property
    def silent_phone_grace_ms(self) -> int:
        """The time after the receipt of a payment after which no fix can be evidence any more."""
        return 1000 * (self.evidence_s + self.lateness_s)

    @property
    def positions_kept_ms(self) -> int:
        """The retention of positions.

        An open payment needs ten hours of history, stays open for as long, and its last fix may be late. Together with
        one sweep and the compaction of the changelog this stays below one day, the limit for exact positions.
        """
        return 1000 * (2 * self.evidence_s + self.lateness_s)


STATE_LIMITS: Final = StateLimits(
    future_ms=300_000,
    speed_max_mps=350.0,
    poor_accuracy_m=100.0,
    evidence_s=10 * HOUR_S,
    stale_s=20 * HOUR_S,
    bucket_s=(1, 10, 60, 600, HOUR_S),
    bucket_within_s=(60, 180, 900, 7_200, 10 * HOUR_S),
    resumed_after_s=60,
    follow_up_s=900,
    lateness_s=HOUR_S,
    reevaluate_after_s=(-60, 0, 31, 120, 900),
    reevaluate_present_after_s=(31, 900),
    payments_max=256,
    transactions_max=256,
    transactions_kept_ms=7 * DAY_MS,
    tombstones_kept_ms=15 * DAY_MS,
)
"""The limits of this release."""
