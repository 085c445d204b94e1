"""QR codes, compared with the modules of the same text from the library."""

import re

import pytest
import segno

from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.pairing.qr import QUIET_ZONE, QUIET_ZONE_IN_TERMINAL, qr_code, terminal

TOKEN = "A7b-defgh_jklmnopqrstuvwxyz0123456789-BCDEFG"

BASES = ("http://192.168.1.20:8100", "https://phones.bank.example", "http://[fd00::2]:8100", "https://bank.example/geo")


def texts() -> list[str]:
    made = [app.setup(PhoneSetup(BASES[1], "phone-1", TOKEN)) for app in APPS]
    return [f"{BASES[0]}/pair#{TOKEN}", *(setup.code or setup.link for setup in made if setup.link)]


def matrix_of(text: str, quiet: int) -> list[list[bool]]:
    rows = segno.make(text, error="l", micro=False, boost_error=False).matrix_iter(border=quiet)
    return [[bool(module) for module in row] for row in rows]


@pytest.mark.parametrize("text", texts())
def test_an_svg_code_has_exactly_the_dark_modules_of_its_text(text: str) -> None:
    drawn = qr_code(text)
    dark = [[False] * drawn.size for _ in range(drawn.size)]
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn.path)
    assert "".join(f"M{x} {y}h{length}v1h-{back}z" for x, y, length, back in bars) == drawn.path
    for x, y, length, back in bars:
        assert length == back
        for column in range(int(x), int(x) + int(length)):
            dark[int(y)][column] = True
    assert dark == matrix_of(text, QUIET_ZONE)


@pytest.mark.parametrize("coloured", [True, False])
@pytest.mark.parametrize("text", texts())
def test_a_terminal_code_has_exactly_the_dark_modules_of_its_text(text: str, coloured: bool) -> None:
    dark = []
    for line in terminal(text, coloured=coloured).splitlines():
        assert line.startswith("\x1b[97;40m") is coloured
        plain = line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m")
        dark.append([block in " ▄" for block in plain])
        dark.append([block in " ▀" for block in plain])
    matrix = matrix_of(text, QUIET_ZONE_IN_TERMINAL)
    assert dark[: len(matrix)] == matrix
    assert len(dark) - len(matrix) <= 1  # a line has two rows, and the number of rows may be odd
