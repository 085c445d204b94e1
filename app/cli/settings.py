"""`geovelocity settings`: every setting with its default and its meaning."""

import click
from pydantic import SecretStr

from app.settings import PREFIX, Settings


@click.command("settings")
def command() -> None:
    """List every setting: variable, default, meaning. It does not show the values of this machine."""
    click.echo(settings_table(), nl=False)


def settings_table() -> str:
    """Return the settings as rows of a Markdown table."""
    rows = []
    # Settings of all processes come first, then those of each part.
    for name, field in sorted(Settings.model_fields.items(), key=lambda item: item[0] not in Settings.__annotations__):
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = "" if default in (None, "") else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |\n")
    return "".join(rows)
