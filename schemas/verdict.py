"""The detector's verdict on a payment: the record on the `verdicts` topic.

A verdict is masked by construction: it has no field for data that must not leave the detector. All output of the
detector about a payment is a `Verdict`.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from schemas.codes.reason import ReasonCode
from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import decode_as
from schemas.json.timestamps import format_us, parse_epoch_us


class Outcome(StrEnum):
    """The result of a verdict."""

    SUSPECT = "suspect"
    CLEAR = "clear"
    NOT_EVALUABLE = "not_evaluable"


class Status(StrEnum):
    """The status of a verdict: provisional while a later fix may change it."""

    PROVISIONAL = "provisional"
    FINAL = "final"


class VerdictLabel(NamedTuple):
    """Result and status of a revision: the labels of a metric."""

    verdict: Outcome
    status: Status


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rule that was applied.

    `parameters`: the most important ones of the preset by name; null stands for no limit. `parameter_set`: version of
    all parameters and the first eight hex digits of their SHA-256. Verdicts of release 0.1 do not have it.
    """

    name: str
    version: str
    preset: str
    parameters: dict[Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,64}$")], float | None]
    parameter_set: Annotated[str, msgspec.Meta(pattern="^([0-9]{1,9}-[0-9a-f]{8})?$")] = ""


class FixEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One fix that the verdict is based on. Its coordinates are rounded to 0.01 degrees, about a kilometre."""

    at: str
    horizontal_accuracy_m: float | None
    speed_mps: float | None
    latitude: float
    longitude: float


class MerchantLocation(msgspec.Struct, frozen=True):
    """Location of the merchant, WGS-84."""

    lat: float
    lon: float


class RiskParts(msgspec.Struct, frozen=True, kw_only=True):
    """The summands of a risk: size of the contradiction, number of witnesses, amount, number in the episode."""

    contradiction: int
    evidence: int
    amount: int
    repetition: int


class OtherPayment(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier payment of the same card that one person could not also have made.

    `reach_m`: largest possible distance in the time between, with clock errors.
    """

    timestamp: str
    place: MerchantLocation
    distance_m: float
    least_distance_m: float
    elapsed_s: float
    reach_m: float


class MaskedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """The data of a payment that may leave the detector.

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
    """One revision of the verdict on one payment.

    Distances, times and speeds are those of the most constraining fix. Speeds are averages over `elapsed_s`; null: no
    fix or no time between. `risk` is 0 to 100 and orders suspects; it is 0 for other outcomes. Consecutive suspects of
    one device share an `episode_id`. `episode_number` counts them by their timestamps, and `episode_severity` is the
    highest risk so far.
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
        """The revision. Of each payment a store keeps the highest version."""
        return self.revision


_decode = msgspec.json.Decoder(Verdict).decode


def encode_verdict(verdict: Verdict) -> bytes:
    """Return the record value: the same bytes for equal verdicts."""
    return msgspec.json.encode(verdict)


def parse_verdict(value: bytes | None) -> Verdict | Reject:
    """Return the verdict in a record's value, or the reject. Total: no input makes it raise."""
    return decode_as(_decode, value, check=_check_timestamp)


def _check_timestamp(_value: bytes, verdict: Verdict) -> Reject | None:
    """Check the timestamp, and not the structure: the detector writes verdicts itself."""
    moment = parse_epoch_us(verdict.timestamp)
    if isinstance(moment, Reject):
        return Reject(moment.code, ("timestamp",))
    return None if format_us(moment) == verdict.timestamp else Reject(RejectCode.PATTERN, ("timestamp",))
