"""The file of masking keys, changed as an operator does."""

from pathlib import Path


def write_keys(file: Path, *keys: str) -> None:
    """Replace the file atomically, as for a mounted secret."""
    new = file.with_suffix(".new")
    new.write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
    new.replace(file)
