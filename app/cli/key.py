"""`geovelocity key`: print a new masking key."""

import click

from app.security.masking_keys import new_key


@click.command("key")
@click.argument("name")
def command(name: str) -> None:
    """Print a new masking key called NAME, for GEOVELOCITY_KEYS_FILE.

    The detector masks with the key in the first line of that file, and recognises tokens of the other keys. To rotate
    the key, add the new one as the last line. Move it to the first line once every worker has loaded it. Keep the old
    key for as long as docs/guides/rotate-masking-keys.md says.

    Only the detector may read the file: with a key, a person can find out which token belongs to which card.
    """
    if not name.isalnum():
        raise click.BadParameter("use letters and digits only", param_hint="NAME")
    click.echo(new_key(name))
