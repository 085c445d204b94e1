"""The canary scanner finds every planted spelling, and each of its methods is needed."""

import base64
import gzip
import html
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.canary import CHUNK_BYTES, METHODS, Scanner

NUMBER = "4929567123456787"
WORD = "no-such-PIN-block"
SPACED, DASHED = "4929 5671 2345 6787", "4929-5671-2345-6787"
FULL_WIDTH = "４９２９５６７１２３４５６７８７"
ARABIC = "٤٩٢٩٥٦٧١٢٣٤٥٦٧٨٧"
BENGALI = "৪৯২৯৫৬৭১২৩৪৫৬৭৮৭"


def planted() -> Iterator[tuple[str, bytes]]:
    """Yield the spellings of a number, produced independently of the scanner."""
    yield "raw", NUMBER.encode()
    yield "spaced", SPACED.encode()
    yield "dashed", DASHED.encode()
    yield "spaced with no-break spaces", SPACED.replace(" ", "\N{NO-BREAK SPACE}").encode()
    yield "spaced as American Express", b"4929 567123 456787"
    yield "a JSON number", json.dumps({"n": int(NUMBER)}).encode()
    yield "a list of digits", json.dumps([int(digit) for digit in NUMBER]).encode()
    for name, text in (("raw", NUMBER), ("spaced", SPACED), ("dashed", DASHED), ("full-width", FULL_WIDTH)):
        for before in (b"", b"x", b"xy"):
            yield f"base64 of {name} after {len(before)} bytes", base64.b64encode(before + text.encode() + b"yz")
        yield f"base64url of {name}", base64.urlsafe_b64encode(b"\xff" + text.encode()).rstrip(b"=")
        yield f"hex of {name}", text.encode().hex().encode()
        yield f"HEX of {name}", text.encode().hex().upper().encode()
        yield f"hex of {name} with colons", text.encode().hex(":").encode()
        yield f"bytes of {name} with escapes", "".join(f"\\x{byte:02x}" for byte in text.encode()).encode()
        yield f"percent of {name}", "".join(f"%{byte:02X}" for byte in text.encode()).encode()
        for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
            yield f"{encoding} of {name}", text.encode(encoding)
        yield f"gzip of {name}", b"--" + gzip.compress(b"{" + text.encode() + b"}") + b"--"
        yield f"zlib of {name}", zlib.compress(text.encode())
        yield f"gzip of base64 of {name}", gzip.compress(base64.b64encode(text.encode()))
    yield "gzip in gzip", gzip.compress(gzip.compress(NUMBER.encode()))
    yield "gzip cut off", gzip.compress(NUMBER.encode() * 10 + bytes(range(256)))[:-40]
    yield "full-width", FULL_WIDTH.encode()
    yield "Arabic", ARABIC.encode()
    yield "Bengali, spaced", " ".join(BENGALI).encode()
    yield "JSON escapes of full-width", json.dumps(FULL_WIDTH).encode()
    yield "JSON escapes of Arabic", json.dumps(ARABIC).encode()
    yield "JSON escapes of ASCII", "".join(f"\\u{ord(digit):04X}" for digit in NUMBER).encode()
    yield "escapes of HTML", "".join(f"&#{ord(digit)};" for digit in NUMBER).encode()
    yield "HTML of full-width", FULL_WIDTH.encode("ascii", "xmlcharrefreplace")
    yield "a URL", quote(f"card={SPACED}").encode()
    yield "HTML", html.escape(f"<b>{DASHED}</b>").encode()
    yield "an exception's text", repr(ValueError(f"could not convert string to float: '{NUMBER}x'")).encode()
    yield "bytes as Python writes them", repr(SPACED.encode()).encode()


PLANTED = dict(planted())
WORDS = {
    "raw": WORD.encode(),
    "base64": base64.b64encode(b"x" + WORD.encode() + b"y"),
    "hex": WORD.encode().hex().encode(),
    "utf-16": WORD.encode("utf-16"),
    "escapes": "".join(f"\\u{ord(character):04x}" for character in WORD).encode(),
    "packed": gzip.compress(WORD.encode()),
}


def missed(scanner: Scanner) -> set[str]:
    """Return the spellings that a scanner misses among other text and bytes."""
    around = b'{"card_last4": "6787", "at": "2026-11-21T12:00:00.000Z"} \xff\xfe\x00 ', b' \x80 {"amount": "481.84"}'
    numbers = {name for name, text in PLANTED.items() if scanner.find(around[0] + text + around[1]) != [NUMBER]}
    return numbers | {f"word: {name}" for name, text in WORDS.items() if scanner.find(text) != [WORD]}


def test_the_scanner_finds_a_canary_in_every_spelling() -> None:
    assert missed(Scanner([NUMBER], [WORD])) == set()


@pytest.mark.parametrize("method", METHODS)
def test_the_scanner_misses_a_spelling_without_any_of_its_methods(method: str) -> None:
    assert missed(Scanner([NUMBER], [WORD], without=[method]))


def test_a_scanner_for_the_plain_number_misses_most_spellings() -> None:
    plain = Scanner([NUMBER], [WORD], without=set(METHODS) - {"plain"})
    assert len(missed(plain)) > len(PLANTED) / 2


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'{"card_last4": "6787", "card_token": "card_k1_4929567A", "reason": "4929 m of 5671 m in 2345 s"}',
        b"492956712345678",
        b"4929567123456788 4929567123456786",
        NUMBER[::-1].encode(),
        base64.b64encode(b"4929567123456788"),
        b"\x1f\x8b\x08 no gzip, \x78\x9c no zlib",
        bytes(range(256)) * 300,
        gzip.compress(bytes(1 << 22)),
    ],
)
def test_the_scanner_reports_no_other_text(text: bytes) -> None:
    assert Scanner([NUMBER], [WORD]).find(text) == []


def test_the_scanner_reports_each_canary_once() -> None:
    other = "6011987654321092"
    scanner = Scanner([NUMBER, other], [WORD])
    assert scanner.find(f"{other} {WORD} {NUMBER} {other}".encode()) == [NUMBER, other, WORD]


def test_a_file_is_scanned_across_chunks_and_without_allowed_contents(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(bytes(CHUNK_BYTES - 8) + NUMBER.encode() + bytes(100))
    assert Scanner([NUMBER]).find_in_file(path) == [NUMBER]
    path.write_bytes(b"sent: <" + NUMBER.encode() + b">")
    assert Scanner([NUMBER]).find_in_file(path, without=[b"<" + NUMBER.encode() + b">"]) == []
