"""`geovelocity user`: users of the console."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.api.auth.users import Role, Users
from app.errors import ConfigurationError
from app.settings import read_settings
from sensor_logger_bridge.devices.token_file import TokenFileError


@click.group("user")
def command() -> None:
    """Manage the users of the console. A running console applies the change at once."""


@contextmanager
def _users() -> Iterator[Users]:
    """Yield the users of the console of this machine. A broken file is a configuration error."""
    try:
        yield Users(read_settings().api_users_file)
    except TokenFileError as error:
        raise ConfigurationError(str(error)) from None


@command.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="A viewer reads; an analyst also gives feedback on cases.",
)
def add(name: str, role: Role) -> None:
    """Register NAME and print the token to log in with."""
    with _users() as users:
        token = users.add(name, Role(role))
    click.echo(token)
    click.echo("The token is shown only once; adding the user again creates a new one.", err=True)


@command.command("list")
def list_() -> None:
    """Print the registered users and their roles."""
    with _users() as users:
        for user in users.all():
            click.echo(f"{user.name} {user.role}")


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Revoke the token of NAME. Open pages of this user end within seconds."""
    with _users() as users:
        known = users.remove(name)
    if not known:
        raise ConfigurationError(f"{name} is not registered: see `geovelocity user list`")
