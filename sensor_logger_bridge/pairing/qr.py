"""QR codes as an SVG path for a page and as text for a terminal."""

import io
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno

QUIET_ZONE: Final = 4
"""White modules on each side, as ISO/IEC 18004 requires."""

QUIET_ZONE_IN_TERMINAL: Final = 2
"""White modules on each side in a terminal, which has less room."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code. `size`: modules of a side, with the quiet zone. `path`: dark modules as an SVG path, a unit each."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """Return the smallest code for the text. Its error correction is low, because a screen has no dirt or tears."""
    made = _make(text)
    parts = []
    for y, row in enumerate(made.matrix_iter(border=QUIET_ZONE)):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                parts.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return QrCode(int(made.symbol_size(border=QUIET_ZONE)[0]), "".join(parts))


def terminal(text: str, *, coloured: bool) -> str:
    """Return the code as lines of half blocks, two rows of modules a line.

    `coloured` forces white on black and so overrides the terminal's colours.
    """
    out = io.StringIO()
    _make(text).terminal(out=out, border=QUIET_ZONE_IN_TERMINAL, compact=True)
    lines = out.getvalue().splitlines()
    return "".join(f"\x1b[97;40m{line}\x1b[0m\n" if coloured else f"{line}\n" for line in lines)


def _make(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="l", boost_error=False)
