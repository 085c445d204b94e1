"""Labels: what is known to be true of payments."""

from pathlib import Path
from typing import Final

import msgspec

from app.errors import ConfigurationError

ALL: Final = "all"


class Label(msgspec.Struct, frozen=True):
    """Whether the holder could have made a payment, and under which condition it was observed.

    `distance_m`: between the payment's stated place and where the phone truly was. `stolen`: a thief made it.
    """

    impossible: bool
    condition: str = ALL
    distance_m: float | None = None
    stolen: bool = False


Labels = dict[str, Label]
"""By transaction id."""


def read_labels(path: Path) -> Labels:
    """The labels in a file.

    Raises:
        ConfigurationError: it holds something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Labels)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} is no file of labels ({error}): see `geovelocity score --help`") from None


def encode_labels(labels: Labels) -> bytes:
    """As `read_labels` reads them, a label a line."""
    lines = (msgspec.json.encode(name) + b":" + msgspec.json.encode(label) for name, label in labels.items())
    return b"{\n" + b",\n".join(lines) + b"\n}\n"
