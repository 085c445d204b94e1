"""Labels: the ground truth of payments."""

from pathlib import Path
from typing import Final

import msgspec

from app.errors import ConfigurationError

ALL: Final = "all"


class Label(msgspec.Struct, frozen=True):
    """Ground truth of a payment and the condition under which it was observed.

    Attributes:
        distance_m: distance between the payment's stated place and the phone's true one.
        stolen: a thief made the payment.
    """

    impossible: bool
    condition: str = ALL
    distance_m: float | None = None
    stolen: bool = False


Labels = dict[str, Label]
"""Label by transaction id."""


def read_labels(path: Path) -> Labels:
    """Read the labels of a file.

    Raises:
        ConfigurationError: the file holds something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Labels)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} is not a file of labels ({error}): see `geovelocity score --help`") from None


def encode_labels(labels: Labels) -> bytes:
    """Encode labels as `read_labels` reads them, one per line."""
    lines = (msgspec.json.encode(name) + b":" + msgspec.json.encode(label) for name, label in labels.items())
    return b"{\n" + b",\n".join(lines) + b"\n}\n"
