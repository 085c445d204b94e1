"""What the detector says of a payment. Masked by construction: it has no field for what must not leave.

Everything that leaves the detector, and everything a sink accepts, is a `Verdict`.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from schemas.codes.reason import ReasonCode
from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import check_bytes, explain
from schemas.json.timestamps import format_us, parse_epoch_us


class Outcome(StrEnum):
    """What a verdict says."""

    SUSPECT = "suspect"
    CLEAR = "clear"
    NOT_EVALUABLE = "not_evaluable"


class Status(StrEnum):
    """Whether a later fix may still change it."""

    PROVISIONAL = "provisional"
    FINAL = "final"


class VerdictLabel(NamedTuple):
    """What a revision says in short."""

    verdict: Outcome
    status: Status


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What was applied. `parameters` are those of the preset, by name; null means without limit."""

    name: str
    version: str
    preset: str
    parameters: dict[Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,64}$")], float | None]


class FixEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One fix the verdict rests on; its place is coarsened to about a kilometre."""

    at: str
    horizontal_accuracy_m: float | None
    speed_mps: float | None
    latitude: float
    longitude: float


class MerchantLocation(msgspec.Struct, frozen=True):
    """Where the card was used, WGS-84."""

    lat: float
    lon: float


class RiskParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a risk is the sum of: how gross the contradiction, how many witnesses, how much money, how often."""

    contradiction: int
    evidence: int
    amount: int
    repetition: int


class OtherPayment(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier payment of the same card that nobody could have made, too. `reach_m`: clock errors included."""

    timestamp: str
    place: MerchantLocation
    distance_m: float
    least_distance_m: float
    elapsed_s: float
    reach_m: float


class MaskedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """What may be known of a payment outside the detector.

    `id` is the document id in the stores: a keyed hash of the transaction id. `timestamp` is RFC 3339 in UTC.
    `amount` is a decimal string with two fraction digits.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    transaction_id: str
    timestamp: str
    amount: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,13}\.[0-9]{2}$")]
    currency: str | None
    merchant_id: str | None
    merchant: str | None
    merchant_category: str | None
    transaction_type: str | None
    transaction_device: str | None
    place: MerchantLocation | None
    card_token: str
    card_last4: str
    user_token: str | None
    device_token: str


class Verdict(MaskedPayment, frozen=True, kw_only=True):
    """One revision of the answer for one payment.

    The numbers are those of the fix that binds most. Speeds are averages over `elapsed_s`; null where there is no
    fix or no time between. `risk` is 0 to 100, to sort suspects by; 0 for what is none. Suspects of one device that
    follow each other share an `episode_id`; `episode_number` counts them by their own times, and `episode_severity`
    is the highest risk so far.
    """

    verdict: Outcome
    status: Status
    revision: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    codes: tuple[ReasonCode, ...]
    reason: str
    rule: Rule
    distance_m: float | None
    least_distance_m: float | None
    elapsed_s: float | None
    implied_speed_mps: float | None
    reported_speed_mps: float | None
    allowed_speed_mps: float | None
    fix_before: FixEvidence | None
    fix_after: FixEvidence | None
    other_payment: OtherPayment | None
    risk: Annotated[int, msgspec.Meta(ge=0, le=100)]
    risk_parts: RiskParts | None
    episode_id: str | None
    episode_number: int | None
    episode_severity: int | None

    @property
    def version(self) -> int:
        """Of the verdicts of one payment a store keeps the one with the highest."""
        return self.revision


_decode = msgspec.json.Decoder(Verdict).decode


def encode_verdict(verdict: Verdict) -> bytes:
    """The record value, the same bytes for the same verdict."""
    return msgspec.json.encode(verdict)


def parse_verdict(value: bytes | None) -> Verdict | Reject:
    """The verdict in a record's value, or why it cannot be used. Total: never raises, whatever the bytes."""
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes refuses None
    try:
        verdict = _decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    moment = parse_epoch_us(verdict.timestamp)
    if isinstance(moment, Reject):
        return Reject(moment.code, ("timestamp",))
    return verdict if format_us(moment) == verdict.timestamp else Reject(RejectCode.PATTERN, ("timestamp",))
