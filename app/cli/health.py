"""`geovelocity health`: the health check of a container."""

import urllib.error
import urllib.request

import click

from app.errors import ConfigurationError, UnavailableError
from app.settings import read_settings
from app.settings.address import LOOPBACK_HOST

ANSWER_WITHIN_S = 5


@click.command("health")
@click.argument("what", type=click.Choice(["worker", "bridge", "api"]))
def command(what: str) -> None:
    """Ask the worker (at GEOVELOCITY_HEALTH_PORT), the bridge or the console of this machine; exit 1 if not ready."""
    settings = read_settings()
    port = {"worker": settings.health_port, "bridge": settings.bridge[1], "api": settings.api[1]}[what]
    if port is None:
        raise ConfigurationError("the worker has no health port: set GEOVELOCITY_HEALTH_PORT")
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK_HOST}:{port}/readyz", timeout=ANSWER_WITHIN_S) as answer:
            click.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise UnavailableError(f"the {what} is not ready: {error.read().decode()}") from None
    except OSError as error:
        raise UnavailableError(f"no {what} answers on {LOOPBACK_HOST}:{port} ({type(error).__name__})") from None
