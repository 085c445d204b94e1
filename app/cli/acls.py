"""`geovelocity acls`: access rights of each role on the brokers."""

import click

from app.provisioning.acl import commands
from app.settings import read_settings


@click.command("acls")
def command() -> None:
    """Print the command lines of Kafka's own tool that grant each role its rights, and no others.

    They use the topics and the namespace of these settings; docs/operations/security.md has the table.
    """
    for line in commands(read_settings()):
        click.echo(line)
