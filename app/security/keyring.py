"""Keyring: the masking keys of this process, read anew when their file has changed.

The file is looked at when a batch begins, once a second at most: all of a batch is masked with the same keys, and
nobody has to send anything. It is believed when it has been the same for two looks, since whoever writes it may be in
the middle; SIGHUP says that it is whole. Secrets that are mounted come as another file, which is noticed, too. Keys
from the environment stay until the process is started anew: nobody can change its environment from outside.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from time import monotonic
from typing import Final

from agents.context import AgentContext
from agents.rules.publish.mask import Key, Masker
from app.errors import SettingsError
from app.observability.catalogue import MASKING_KEY
from app.observability.registry import MetricsRegistry
from app.security.masking_keys import read_keys
from app.settings.settings import Settings

log = logging.getLogger(__name__)

CHECK_EVERY_S: Final = 1.0

Stamp = tuple[int, int, int]


class Keyring:
    """What a file that cannot be used says is logged once, and changes nothing.

    `policy`: as it was when the last batch began. `clock`: seconds of any steady clock.
    """

    def __init__(self, settings: Settings, metrics: MetricsRegistry, clock: Callable[[], float] = monotonic) -> None:
        self.policy = settings.policy
        self._file = settings.key_file
        self._metrics = metrics
        self._clock = clock
        self._look_at_s = -inf if self._file else inf
        self._seen: Stamp | None = None
        self._read: Stamp | None = None
        self._whole = False
        self._tell()

    def current(self) -> AgentContext:
        """The policy for a batch that begins. May block for as long as it takes to read a small file."""
        if (now_s := self._clock()) >= self._look_at_s:
            self._look_at_s = now_s + CHECK_EVERY_S
            self._look()
        return self.policy

    def reload_now(self) -> None:
        """Somebody says that the file has changed and is whole: the next batch reads it."""
        if self._file:
            self._whole, self._look_at_s = True, -inf

    def _look(self) -> None:
        stamp, whole, self._whole = self._stamp(), self._whole, False
        still, self._seen = stamp == self._seen, stamp
        if not whole and (not still or stamp == self._read):
            return
        self._read = stamp
        assert self._file is not None  # noqa: S101 - nobody looks otherwise
        try:
            keys = read_keys(self._file)
            _check(self.policy.masker.keys, keys)
        except SettingsError as error:
            log.error("masking keys stay as they are: %s", error)  # noqa: TRY400 - a traceback says no more
            return
        if keys != self.policy.masker.keys:
            self.policy = replace(self.policy, masker=Masker.of(keys))
            writes, *others = (key.id for key in keys)
            log.warning("masking keys have changed: %s writes, also known: %s", writes, ", ".join(others) or "none")
            self._tell()

    def _stamp(self) -> Stamp | None:
        """None: there is no file, or it cannot be looked at."""
        assert self._file is not None  # noqa: S101 - nobody looks otherwise
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _tell(self) -> None:
        self._metrics.forget(MASKING_KEY)
        for place, key in enumerate(self.policy.masker.keys):
            self._metrics.set(MASKING_KEY, place == 0, key=key.id)


def _check(before: Sequence[Key], after: Sequence[Key]) -> None:
    """What would make one payment two, or a card a stranger, is no rotation.

    Raises:
        SettingsError: says what, and what to do.
    """
    secrets = {key.id: key.secret for key in after}
    if changed := [key.id for key in before if secrets.get(key.id, key.secret) != key.secret]:
        raise SettingsError(f"key {changed[0]} has another secret than before: give a new secret a new id")
    if before[0].id not in secrets:
        raise SettingsError(f"key {before[0].id}, which is written with, is gone: keep it below the new one")
