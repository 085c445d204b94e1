"""Checks of the installation before a worker starts."""

from faust.transport import conductor

from app.errors import ConfigurationError


def check_compiled_faust() -> None:
    """Check that Faust's compiled conductor is loaded.

    The pure Python conductor acknowledges messages of an earlier generation without handing them to an agent.

    Raises:
        ConfigurationError: it is not loaded.
    """
    if getattr(conductor, "ConductorHandler", None) is None:
        raise ConfigurationError(
            "Faust's C extension is not loaded, and without it records are lost in a rebalance: "
            "unset NO_CYTHON, or install faust-streaming from a wheel"
        )
