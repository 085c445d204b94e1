"""`geovelocity acls`: what each role needs to be allowed on the brokers."""

import click

from app.provisioning.acl import commands
from app.settings import read_settings


@click.command("acls")
def command() -> None:
    """Print the command lines of Kafka's own tool that give each role what it needs, and no more.

    They have the topics and the namespace of these settings; docs/security.md has the table.
    """
    for line in commands(read_settings()):
        click.echo(line)
