"""The pairing page's status of a phone."""

from typing import Any

import pytest

from sensor_logger_bridge.devices.last_seen import DeviceProblem, LastReport
from sensor_logger_bridge.pairing.status import status

NOW_MS = 1_800_000_000_000

LAST_REPORT = LastReport("owntracks", NOW_MS - 1_500, NOW_MS - 2_040, 4.7)


@pytest.mark.parametrize(
    ("last", "heard"),
    [
        (None, None),
        (LAST_REPORT, {"app": "owntracks", "heard_age_s": 1.5, "fix_age_s": 2.0, "accuracy_m": 4.7, "complaint": None}),
        (
            LastReport("traccar", NOW_MS, problem=DeviceProblem("wrong-clock", "This phone's clock is ahead.")),
            {
                "app": "traccar",
                "heard_age_s": 0,
                "fix_age_s": None,
                "accuracy_m": None,
                "complaint": "This phone's clock is ahead.",
            },
        ),
        (
            LastReport("overland", NOW_MS + 5_000, NOW_MS + 90_000, None),  # the phone's clock is ahead
            {"app": "overland", "heard_age_s": 0, "fix_age_s": 0, "accuracy_m": None, "complaint": None},
        ),
    ],
)
def test_a_status_has_the_ages_of_message_and_fix(last: LastReport | None, heard: dict[str, Any] | None) -> None:
    assert status("phone-1", last, NOW_MS) == {"device": "phone-1", "heard": heard}
