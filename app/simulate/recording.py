"""A recorded drive, from a CSV file as `data/tracks` has them: t, lat, lon, alt, speed, speed_acc, bearing, h_acc."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.errors import ConfigurationError
from app.simulate.drive import Sample


def recordings(folder: Path) -> list[list[Sample]]:
    """Every track of a folder, in order of its file name.

    Raises:
        ConfigurationError: there is none, or one cannot be read.
    """
    tracks = [_read(path) for path in sorted(folder.glob("*.csv*"))]
    if not tracks:
        raise ConfigurationError(f"{folder} has no *.csv or *.csv.gz files: give the folder with the tracks")
    return tracks


def replay(track: Sequence[Sample], start_second: int) -> Iterator[Sample]:
    """The track from a second on, its first second counted as zero. Where it ends, the phone falls silent."""
    for sample in track:
        if sample.second >= start_second:
            yield replace(sample, second=sample.second - start_second)


def _read(path: Path) -> list[Sample]:
    open_text = gzip.open if path.suffix == ".gz" else open
    try:
        with open_text(path, "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
            first = float(rows[0]["t"])
            return [
                Sample(
                    round(float(row["t"]) - first),
                    float(row["lat"]),
                    float(row["lon"]),
                    float(row["alt"]),
                    float(row["speed"]),
                    float(row["bearing"]),
                    float(row["h_acc"]),
                )
                for row in rows
            ]
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise ConfigurationError(
            f"{path} is no track ({type(error).__name__}): see `geovelocity demo --help`"
        ) from None
