"""All registered apps translate the same recorded drive to the same fixes."""

import pytest

from schemas.push import Fix
from sensor_logger_bridge.apps.overland import FOREIGN_DEVICE_ID
from sensor_logger_bridge.apps.readings import KMH_MPS, KNOT_MPS
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.translation import FOREIGN_DEVICE, Fixes
from tests.support.recorded_drive import DRIVE, OWNER, RECEIVED_MS, RECORDINGS, Recording, by_name, compared


def fixes_of(recording: Recording) -> tuple[Fix, ...]:
    translations = recording.translations()
    assert all(isinstance(one, Fixes) for one in translations)
    return tuple(fix for one in translations if isinstance(one, Fixes) for fix in one.push.fixes)


@pytest.mark.parametrize("recording", RECORDINGS, ids=by_name)
def test_the_recorded_drive_has_the_same_fixes_from_every_app(recording: Recording) -> None:
    assert tuple(map(compared, fixes_of(recording))) == DRIVE
    for translation in recording.translations():
        assert isinstance(translation, Fixes)
        push = translation.push
        assert (push.device_id, push.source, push.received_at_ms) == (OWNER, recording.app.name, RECEIVED_MS)
        assert translation.problem is None


@pytest.mark.parametrize("recording", RECORDINGS, ids=by_name)
@pytest.mark.parametrize("factor", [KMH_MPS, 1 / KMH_MPS, KNOT_MPS, 1 / KNOT_MPS, KNOT_MPS / KMH_MPS])
def test_a_speed_in_another_unit_changes_the_drive(recording: Recording, factor: float) -> None:
    as_told, otherwise = fixes_of(recording), fixes_of(recording.with_speeds(factor))
    assert tuple(map(compared, fixes_of(recording.with_speeds(1.0)))) == DRIVE
    for fix, other in zip(as_told, otherwise, strict=True):
        assert fix.speed_mps is not None
        assert other.speed_mps == pytest.approx(fix.speed_mps * factor, abs=0.001)
        assert other.speed_mps != pytest.approx(fix.speed_mps, rel=0.05)


def test_every_registered_app_has_a_recorded_drive() -> None:
    assert {recording.app.name for recording in RECORDINGS} == {app.name for app in APPS}


@pytest.mark.parametrize("recording", RECORDINGS, ids=by_name)
def test_another_device_than_the_tokens_is_rejected_if_the_app_names_one(recording: Recording) -> None:
    """OwnTracks and GPSLogger send no id, or one that is only a label for friends."""
    answers = [recording.app.translate(sent, "phone-2", RECEIVED_MS) for _, sent in recording.requests]
    if recording.app.name in ("owntracks", "gpslogger"):
        assert all(isinstance(one, Fixes) and one.push.device_id == "phone-2" for one in answers)
    else:
        assert set(answers) == {FOREIGN_DEVICE_ID if recording.app.name == "overland" else FOREIGN_DEVICE}
