"""The join as Quix Streams offers one: as of a payment's moment, the fix that was the last by then.

The rule of the last fix alone, but by the clock of the data: a fix that comes late is not taken for the last one.
It validates and masks nothing. Offsets are committed after changelog and verdicts are delivered: in a crash no verdict
is lost, but some come twice.
"""

from datetime import timedelta
from typing import Any, Final

from tests.nightly.bench.contestants import quix

KEPT: Final = timedelta(hours=1)
"""By so much later than newer fixes a payment may come, as in this service."""


def _at_ms(payment: dict[str, Any], *_: object) -> int:
    return int(1000 * payment["timestamp"])


def _newest_ms(push: dict[str, Any], *_: object) -> int:
    return int(push["fixes"][-1]["at_ms"])


if __name__ == "__main__":
    app = quix.application()
    payments = app.dataframe(app.topic(quix.TRANSACTIONS, timestamp_extractor=_at_ms))
    pushes = app.dataframe(app.topic(quix.LOCATIONS, timestamp_extractor=_newest_ms))
    verdicts = payments.join_asof(pushes.apply(quix.last_fix), how="left", on_merge=quix.verdict, grace_ms=KEPT)
    verdicts.to_topic(app.topic(quix.VERDICTS))
    app.run()
