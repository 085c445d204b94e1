"""`geovelocity key`: a new masking key."""

import secrets
from base64 import b64encode

import click

from app.keys import SECRET_BYTES_MIN


@click.command("key")
@click.argument("name")
def command(name: str) -> None:
    """Print a new masking key called NAME, for GEOVELOCITY_KEYS_FILE.

    The first line of that file is what is written with, the others are recognised. To change the key, put the new one
    on the last line, on the first once every worker knows it, and keep the old one: the README says for how long.

    Keep the file from everyone but the detector: whoever has it can tell which token is which card.
    """
    if not name.isalnum():
        raise click.BadParameter("letters and digits only", param_hint="NAME")
    click.echo(f"{name}:{b64encode(secrets.token_bytes(SECRET_BYTES_MIN)).decode()}")
