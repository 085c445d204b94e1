"""The as-of join of Quix Streams: a payment is joined with the last fix at its time.

The rule uses the last fix only, by event time: a late fix does not replace a newer one. It validates and masks nothing.
It commits offsets after changelog and verdicts are delivered: a crash loses no verdict, but may repeat some.
"""

from datetime import timedelta
from typing import Any, Final

from tests.nightly.bench.contestants import quix

KEPT: Final = timedelta(hours=1)
"""Maximum lateness of a payment relative to newer fixes, as in this service."""


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
