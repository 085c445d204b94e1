"""Recorded drives, replayed as sessions."""

import gzip
from pathlib import Path

import msgspec
import pytest

from app.errors import ConfigurationError
from app.simulate.recording import Recording, recordings
from app.simulate.session import SessionGenerator
from app.simulate.session_spec import SessionSpec
from schemas.push import Fix
from tests.support.make import NOON_MS
from tests.support.simulated import fixes_of

HEADER = "t,lat,lon,alt,speed,speed_acc,bearing,h_acc\n"


def test_recordings_are_read_from_plain_and_compressed_files(tmp_path: Path) -> None:
    rows = HEADER + "100,40.0,-75.0,10,1.5,0.5,90,4.0\n103,40.1,-75.0,10,1.5,0.5,90,4.0\n"
    (tmp_path / "a.csv").write_text(rows)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(rows.encode()))
    one, two = recordings(tmp_path)
    assert one == two
    assert [fix.at_ms for fix in one] == [0, 3000]


def test_a_recording_is_replayed_with_its_pauses_to_its_end() -> None:
    track = [Fix(1000 * second, 40.0, -75.0 + second / 1000, horizontal_accuracy_m=4.0) for second in (0, 1, 5, 6)]
    condition = Recording(track, start_s=1).condition("recorded")
    script = SessionSpec(name="x", condition=condition, start_ms=NOON_MS, length_s=(60, 60), payments=5)
    played = SessionGenerator(script).session()
    fixes = fixes_of(played)
    assert [(fix.at_ms - NOON_MS) // 1000 for fix in fixes] == [0, 4, 5]
    assert [msgspec.structs.replace(fix, at_ms=0) for fix in fixes] == [
        msgspec.structs.replace(fix, at_ms=0) for fix in track[1:]
    ]
    assert all(-3000 < paid.stated_ms - NOON_MS < 8000 for paid in played.paid)


@pytest.mark.parametrize("text", ["", HEADER, "a,b\n1,2\n", HEADER + "x,40,1,1,1,1,1,1\n"])
def test_a_file_without_a_track_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ConfigurationError, match=r"a\.csv is not a track"):
        recordings(tmp_path)


def test_a_folder_without_tracks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no"):
        recordings(tmp_path)
