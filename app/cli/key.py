"""`geovelocity key`: a new masking key."""

import secrets
from base64 import b64encode

import click

from app.keys import SECRET_BYTES_MIN


@click.command("key")
@click.argument("name")
def command(name: str) -> None:
    """Print a new masking key called NAME, for GEOVELOCITY_KEYS_FILE. Put it on the first line to make it current.

    Keep the file from everyone but the detector: whoever has it can tell which token is which card.
    """
    if not name.isalnum():
        raise click.BadParameter("letters and digits only", param_hint="NAME")
    click.echo(f"{name}:{b64encode(secrets.token_bytes(SECRET_BYTES_MIN)).decode()}")
