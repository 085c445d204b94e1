"""QR: a text as a QR code, for a page that draws it and for a terminal."""

import io
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno

QUIET_ZONE: Final = 4
"""Modules of white around a code, as ISO/IEC 18004 asks for; a terminal has less room."""

QUIET_ZONE_IN_TERMINAL: Final = 2


@dataclass(frozen=True, slots=True)
class QrCode:
    """`size`: modules of a side, the white around it included. `path`: the dark ones, as an SVG path of such units."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """As small as it can be: it is read from a screen, where nothing is torn or dirty."""
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
    """Two rows of modules a line, in half blocks. `coloured`: white on black, whatever the terminal's own colours."""
    out = io.StringIO()
    _make(text).terminal(out=out, border=QUIET_ZONE_IN_TERMINAL, compact=True)
    lines = out.getvalue().splitlines()
    return "".join(f"\x1b[97;40m{line}\x1b[0m\n" if coloured else f"{line}\n" for line in lines)


def _make(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="l", boost_error=False)
