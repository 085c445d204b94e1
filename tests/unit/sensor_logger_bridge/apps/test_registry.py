"""All registered apps translate the same recorded drive to the same fixes."""

import pytest

from schemas.push import Fix
from sensor_logger_bridge.apps.overland import FOREIGN_DEVICE_ID
from sensor_logger_bridge.apps.readings import KMH_MPS, KNOT_MPS
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.translation import FOREIGN_DEVICE, Fixes
from tests.support.recorded_drive import DRIVE, OWNER, RECEIVED_MS, TOLD, Told, by_name, compared


def fixes_of(told: Told) -> tuple[Fix, ...]:
    translations = told.translations()
    assert all(isinstance(one, Fixes) for one in translations)
    return tuple(fix for one in translations if isinstance(one, Fixes) for fix in one.push.fixes)


@pytest.mark.parametrize("told", TOLD, ids=by_name)
def test_the_recorded_drive_has_the_same_fixes_from_every_app(told: Told) -> None:
    assert tuple(map(compared, fixes_of(told))) == DRIVE
    for translation in told.translations():
        assert isinstance(translation, Fixes)
        push = translation.push
        assert (push.device_id, push.source, push.received_at_ms) == (OWNER, told.app.name, RECEIVED_MS)
        assert translation.problem is None


@pytest.mark.parametrize("told", TOLD, ids=by_name)
@pytest.mark.parametrize("factor", [KMH_MPS, 1 / KMH_MPS, KNOT_MPS, 1 / KNOT_MPS, KNOT_MPS / KMH_MPS])
def test_a_speed_in_another_unit_changes_the_drive(told: Told, factor: float) -> None:
    as_told, otherwise = fixes_of(told), fixes_of(told.with_speeds(factor))
    assert tuple(map(compared, fixes_of(told.with_speeds(1.0)))) == DRIVE
    for fix, other in zip(as_told, otherwise, strict=True):
        assert fix.speed_mps is not None
        assert other.speed_mps == pytest.approx(fix.speed_mps * factor, abs=0.001)
        assert other.speed_mps != pytest.approx(fix.speed_mps, rel=0.05)


def test_every_registered_app_has_a_recorded_drive() -> None:
    assert {told.app.name for told in TOLD} == {app.name for app in APPS}


@pytest.mark.parametrize("told", TOLD, ids=by_name)
def test_another_device_than_the_tokens_is_rejected_if_the_app_names_one(told: Told) -> None:
    """OwnTracks and GPSLogger name none, or only for friends to see."""
    answers = [told.app.translate(sent, "phone-2", RECEIVED_MS) for _, sent in told.requests]
    if told.app.name in ("owntracks", "gpslogger"):
        assert all(isinstance(one, Fixes) and one.push.device_id == "phone-2" for one in answers)
    else:
        assert set(answers) == {FOREIGN_DEVICE_ID if told.app.name == "overland" else FOREIGN_DEVICE}
