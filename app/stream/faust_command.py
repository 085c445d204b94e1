"""The command line of a Faust worker."""

import sys


def faust_argv(app: str) -> list[str]:
    """Return the command line that runs one Faust app. `app`: as `-A` of Faust, `module` or `module:attribute`.

    The log level is `info`, because any other level makes Faust drop its log.
    """
    return [sys.executable, "-m", "faust", "-A", app, "--quiet", "worker", "-l", "info"]
