"""`geovelocity schema`: JSON Schemas of all records, for producers and consumers in other languages."""

from pathlib import Path

import click

from schemas.export import json_schemas


@click.command("schema")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the JSON Schema of every record into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in json_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(folder / name)
