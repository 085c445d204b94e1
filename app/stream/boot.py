"""What Faust starts beside an app, and what not."""

from faust.app import BootStrategy


class Boot(BootStrategy):
    """Without Faust's web server, which shows rows of tables to anyone and listens on every address.

    The setting `web_enabled` is not enough: Faust's own command turns it on again unless told `--without-web`.
    """

    enable_web = False
