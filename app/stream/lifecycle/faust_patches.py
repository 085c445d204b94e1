"""Adjustments of Faust and of Python for a worker process."""

import gc

from faust.app import BootStrategy


class NoWebServer(BootStrategy):
    """Boot strategy that leaves out Faust's web server.

    That server shows rows of tables without authentication and listens on every address. The strategy is the only place
    where it can be switched off for good: Faust's worker command turns the setting `web_enabled` on again.
    """

    enable_web = False


def freeze_garbage_collector() -> None:
    """Exclude all objects of the start-up from garbage collection and collect young objects less often.

    A batch makes many small objects that die with it, so a frequent collection finds nothing else. Measured effect: one
    fifth more events per second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
