"""A file of masking keys, as an operator changes it."""

from pathlib import Path


def write_keys(file: Path, *keys: str) -> None:
    """Whole at once, as secrets are mounted."""
    new = file.with_suffix(".new")
    new.write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
    new.replace(file)
