"""Made-up phones and cards."""

import gzip
import json
import random
from itertools import islice, pairwise
from pathlib import Path
from uuid import UUID

import pytest

from agents.rules.geo import distance_m
from app.errors import ConfigurationError
from app.simulate.card import THEFT_M, Card, card_number
from app.simulate.drive import Sample, drive, moved
from app.simulate.phone import Phone
from app.simulate.recording import recordings, replay
from schemas.identifier import passes_luhn
from schemas.payment import Payment, parse_payment
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.translation import Fixes, Refused
from tests.support.make import NOON_MS, as_bytes


def samples(seed: int, count: int) -> list[Sample]:
    return list(islice(drive(48.85, 2.35, random.Random(seed)), count))


@pytest.mark.parametrize("seed", range(5))
def test_a_drive_moves_as_fast_as_it_says(seed: int) -> None:
    track = samples(seed, 600)
    for one, two in pairwise(track):
        step_m = distance_m(one.latitude, one.longitude, two.latitude, two.longitude)
        assert step_m <= max(one.speed_mps, two.speed_mps) + 12
    assert max(sample.speed_mps for sample in track) < 40


def test_the_same_seed_is_the_same_drive() -> None:
    assert samples(7, 50) == samples(7, 50)
    assert samples(7, 50) != samples(8, 50)


@pytest.mark.parametrize("away_m", [10.0, 6_000.0, 300_000.0])
@pytest.mark.parametrize("bearing", [0.0, 45.0, 200.0])
def test_a_place_so_far_away_is_so_far_away(away_m: float, bearing: float) -> None:
    there = moved(48.85, 2.35, away_m, bearing)
    assert distance_m(48.85, 2.35, *there) == pytest.approx(away_m, rel=0.01)


def test_a_phones_body_is_what_the_bridge_understands() -> None:
    phone = Phone("demo-1", UUID(int=5))
    body = phone.body([(NOON_MS * 10**6, samples(1, 1)[0])])
    message = sensor_logger.parse(body)
    assert not isinstance(message, Refused)
    translation = sensor_logger.translate(message, NOON_MS)
    assert isinstance(translation, Fixes)
    assert (translation.push.message_id, translation.skipped) == (1, 1)
    assert json.loads(phone.body([(NOON_MS * 10**6, samples(1, 1)[0])]))["messageId"] == 2


@pytest.mark.parametrize("stolen", [True, False])
def test_a_card_pays_beside_the_phone_or_far_from_it(stolen: bool) -> None:
    here = samples(1, 1)[0]
    card = Card("demo-1", card_number(random.Random(1)), random.Random(2))
    paid = card.pay("t-1", NOON_MS, here, stolen=stolen)
    read = parse_payment(as_bytes(paid.record))
    assert isinstance(read, Payment)
    assert read.latitude is not None
    assert read.longitude is not None
    away_m = distance_m(here.latitude, here.longitude, read.latitude, read.longitude)
    assert (away_m > 0.98 * THEFT_M[0]) is stolen


def test_card_numbers_pass_their_check() -> None:
    chance = random.Random(3)
    assert all(passes_luhn(card_number(chance)) for _ in range(50))


HEADER = "t,lat,lon,alt,speed,speed_acc,bearing,h_acc\n"


def test_recorded_drives_are_read_from_plain_and_compressed_files(tmp_path: Path) -> None:
    rows = HEADER + "100,40.0,-75.0,10,1.5,0.5,90,4.0\n103,40.1,-75.0,10,1.5,0.5,90,4.0\n"
    (tmp_path / "a.csv").write_text(rows)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(rows.encode()))
    one, two = recordings(tmp_path)
    assert one == two
    assert [sample.second for sample in one] == [0, 3]


def test_a_recording_starts_anywhere_keeps_its_pauses_and_ends() -> None:
    track = [Sample(second, 40.0, -75.0, 0, 0, 0, 4) for second in (0, 1, 5, 6)]
    assert [sample.second for sample in replay(track, 1)] == [0, 4, 5]


@pytest.mark.parametrize("text", ["", HEADER, "a,b\n1,2\n", HEADER + "x,40,1,1,1,1,1,1\n"])
def test_a_file_that_is_no_track_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ConfigurationError, match=r"a\.csv is no track"):
        recordings(tmp_path)


def test_a_folder_without_tracks_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no"):
        recordings(tmp_path)
