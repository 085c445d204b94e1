"""What Faust starts beside an app, and what not."""

from faust.app import BootStrategy


class NoWebServer(BootStrategy):
    """Without Faust's web server, which shows rows of tables to anyone and listens on every address.

    Said here and nowhere else, since Faust's own command turns its setting `web_enabled` on again.
    """

    enable_web = False
