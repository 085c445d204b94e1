"""A scanner for canaries: card numbers and words that must not appear in any output, in any spelling.

The scanner has several methods, each for some spellings; `METHODS` names them. Its own test plants a canary in every
spelling, and shows that the scanner misses one without any single method. It is built for gigabytes: it strips bytes to
their digits before the search, and decodes encodings instead of guessing them.
"""

import binascii
import contextlib
import os.path
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

METHODS: Final = ("plain", "scripts", "escapes", "base64", "utf-16", "packed")

CHUNK_BYTES: Final = 8 << 20
OVERLAP_BYTES: Final = 4 << 10
"""Overlap of two chunks, so that a canary across their border is whole in the second one."""

DIGITS_MIN: Final = 12
"""Minimum digits of a number. Shorter ones would match by chance, so the scanner treats them as words."""

INFLATED_MAX_BYTES: Final = 1 << 20
NESTED_MAX: Final = 2
STEP_BYTES: Final = 64
"""Bytes per decompression step. A failure loses the output of its step."""

SCRIPTS: Final = ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩")
"""Full-width and Arabic digits, for escapes and UTF-16. Unescaped digits of any script are found without this list."""

_NO_DIGITS: Final = re.compile(r"\D+")
_OTHER_SCRIPT: Final = re.compile(rb"(?:[\xc2-\xf4][\x80-\xbf]{1,3}[\x00-\x7f]{0,3}){6}")
_NO_ASCII_DIGIT: Final = bytes(set(range(256)) - set(b"0123456789"))
_PACKED: Final = (re.compile(rb"\x1f\x8b\x08"), re.compile(rb"\x78[\x01\x5e\x9c\xda]"))
_EITHER_ZLIB_OR_GZIP: Final = 47
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_SCRIPTS_IN_UTF_16: Final = (
    re.compile(rb"\xff[\x10-\x19]\xff[\x10-\x19]\xff"),
    re.compile(rb"\x06[\x60-\x69]\x06[\x60-\x69]\x06"),
)
"""Three full-width or Arabic digits in a row, in either byte order. A literal first byte makes the search fast."""


class Needles:
    """Texts to search for, all in one spelling. Their common prefix is searched first."""

    def __init__(self, spelt: Mapping[str, str]) -> None:
        self._spelt = spelt
        self._begin = os.path.commonprefix(list(spelt))  # noqa: RUF071 - of texts, as it is meant

    def find(self, digits: str) -> set[str]:
        """Return the numbers that the digits contain."""
        if self._begin not in digits:
            return set()
        return {number for needle, number in self._spelt.items() if needle in digits}


class Scanner:
    """A scanner for `numbers` and `words`. `without`: methods to leave out, to test what it would miss."""

    def __init__(self, numbers: Iterable[str], words: Iterable[str] = (), without: Collection[str] = ()) -> None:
        self._methods = frozenset(METHODS) - frozenset(without)
        self._canaries = [*numbers, *words]
        long = [canary for canary in self._canaries if canary.isdigit() and len(canary) >= DIGITS_MIN]
        spellings = [[*self._plain(number), *self._escaped(number)] for number in long]
        self._needles = [Needles(dict(zip(kind, long, strict=True))) for kind in zip(*spellings, strict=True)]
        self._bytes = {needle: word for word in self._canaries if word not in long for needle in self._as_bytes(word)}

    def find(self, hay: bytes) -> list[str]:
        """Return the canaries that the bytes contain, each once."""
        found = self._found(hay, NESTED_MAX)
        return [canary for canary in self._canaries if canary in found]

    def find_in_file(self, path: Path, without: Iterable[bytes] = ()) -> list[str]:
        """Return the canaries that a file of any size contains. `without`: allowed contents, which do not count."""
        found: set[str] = set()
        kept = b""
        for chunk in _chunks(path):
            hay = kept + chunk
            for allowed in without:
                hay = hay.replace(allowed, b"")
            found |= self._found(hay, NESTED_MAX)
            kept = chunk[-OVERLAP_BYTES:]
        return [canary for canary in self._canaries if canary in found]

    def _found(self, hay: bytes, deeper: int, *, in_base64: bool | None = None) -> set[str]:
        """Return the canaries. `deeper`: decoding depth. Base64 in base64 stays encoded, to save time."""
        in_base64 = "base64" in self._methods if in_base64 is None else in_base64
        digits = digits_in(hay, any_script="scripts" in self._methods)
        found = {number for needles in self._needles for number in needles.find(digits)}
        found |= {word for needle, word in self._bytes.items() if needle in hay}
        for decoded in self._decoded(hay) if deeper else ():
            found |= self._found(decoded, deeper - 1)
        if deeper and in_base64:
            for decoded in _out_of_base64(hay):
                found |= self._found(decoded, deeper - 1, in_base64=False)
        return found

    def _decoded(self, hay: bytes) -> Iterator[bytes]:
        if "utf-16" in self._methods and any(digits.search(hay) for digits in _SCRIPTS_IN_UTF_16):
            for at in (0, 1):
                yield hay[at:].decode("utf-16-le", "ignore").encode("utf-8", "ignore")
                yield hay[at:].decode("utf-16-be", "ignore").encode("utf-8", "ignore")
        if "packed" in self._methods:
            yield from _unpacked(hay)

    def _plain(self, number: str) -> Iterator[str]:
        if "plain" in self._methods:
            yield number
            yield digits_in(quote(grouped(number)[1]).encode())  # a blank is %20, which leaves a 20

    def _escaped(self, number: str) -> Iterator[str]:
        """Yield the digits that remain of a number's escapes."""
        if "escapes" not in self._methods:
            return
        for text in (*grouped(number), *in_scripts(number)):
            yield digits_in(text.encode().hex().encode())
        for text in (number, *in_scripts(number)):
            yield digits_in("".join(f"\\u{ord(character):04x}" for character in text).encode())
            yield digits_in("".join(f"&#{ord(character)};" for character in text).encode())

    def _as_bytes(self, word: str) -> Iterator[bytes]:
        if "plain" in self._methods:
            yield word.encode()
        if "utf-16" in self._methods:
            yield word.encode("utf-16-le")
            yield word.encode("utf-16-be")
        if "escapes" in self._methods:
            yield word.encode().hex().encode()
            yield word.encode().hex().upper().encode()
            yield "".join(f"\\u{ord(character):04x}" for character in word).encode()


def digits_in(hay: bytes, *, any_script: bool = True) -> str:
    """Return all digits as ASCII, so that a number is found with any bytes between its digits.

    That includes zero bytes, hence UTF-16.
    """
    if not any_script or hay.isascii() or not _OTHER_SCRIPT.search(hay):
        return hay.translate(None, delete=_NO_ASCII_DIGIT).decode("ascii")
    digits = _NO_DIGITS.sub("", hay.decode("utf-8", "ignore"))
    return digits if digits.isascii() else digits.translate(_to_ascii())


def grouped(number: str) -> list[str]:
    """Return the number as printed on a card and as people type it."""
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    return [number, *(between.join(groups) for between in (" ", "-", "."))]


def in_scripts(number: str) -> list[str]:
    """Return the number in full-width and Arabic digits."""
    return [number.translate(str.maketrans("0123456789", digits)) for digits in SCRIPTS]


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield the chunks of a file, without preallocated zeros. A file that a server has just deleted yields none."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk.strip(b"\0")


@lru_cache
def _to_ascii() -> dict[int, str]:
    return {code: str(int(chr(code))) for code in range(0x80, 0x1FFFF) if chr(code).isdecimal()}


def _out_of_base64(hay: bytes) -> Iterator[bytes]:
    """Yield every possible base64 or base64url text, decoded from each of the four possible group starts."""
    runs = [run.translate(_TO_STANDARD) for run in _BASE64.findall(hay)]
    for skipped in range(4):
        filled = [run[skipped:] + b"A" * ((skipped - len(run)) % 4) for run in runs]
        yield b"\n".join(binascii.a2b_base64(run) for run in filled)


def _unpacked(hay: bytes) -> Iterator[bytes]:
    """Yield the contents of gzip and zlib streams at any position, also of truncated or damaged ones."""
    for start in (found for magic in _PACKED for found in magic.finditer(hay)):
        inflater, unpacked = zlib.decompressobj(_EITHER_ZLIB_OR_GZIP), bytearray()
        with contextlib.suppress(zlib.error):  # most matches are not streams
            for at in range(start.start(), len(hay), STEP_BYTES):
                unpacked += inflater.decompress(hay[at : at + STEP_BYTES], INFLATED_MAX_BYTES)
                if inflater.eof or len(unpacked) > INFLATED_MAX_BYTES:
                    break
        if unpacked:
            yield bytes(unpacked)
