"""`geovelocity key`: a new masking key."""

import click

from app.security.masking_keys import new_key


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
    click.echo(new_key(name))
