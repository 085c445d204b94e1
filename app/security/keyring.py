"""The masking keys of this process, reloaded when their file changes.

The keyring checks the file when a batch begins, at most once a second, so one batch uses one set of keys and the
operator sends no signal. It accepts a change once two checks in a row see the same file, because a writer may be in the
middle of it. SIGHUP states that the file is complete. A mounted secret is replaced by another file, which the check
notices as well. Keys from the environment stay until the process restarts.
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
from app.security.agent_context import agent_context
from app.security.masking_keys import read_keys
from app.settings import Settings

log = logging.getLogger(__name__)

CHECK_EVERY_S: Final = 1.0
"""Shortest time between two checks of the file, so that small batches do not pay for it."""

Stamp = tuple[int, int, int]
"""Modification time, inode and size of the file."""


class Keyring:
    """The agents' context with the current masking keys. An unusable file is logged once and changes nothing.

    `context`: the context of the batch that began last. `clock`: seconds of any monotonic clock.
    """

    def __init__(self, settings: Settings, metrics: MetricsRegistry, clock: Callable[[], float] = monotonic) -> None:
        self.context = agent_context(settings)
        self._file = settings.key_file
        self._metrics = metrics
        self._clock = clock
        self._check_at_s = -inf if self._file else inf
        self._seen: Stamp | None = None
        self._read: Stamp | None = None
        self._is_complete = False
        self._publish()

    def current(self) -> AgentContext:
        """Return the context for a batch that begins. Blocks while it reads a small file."""
        if (now_s := self._clock()) >= self._check_at_s:
            self._check_at_s = now_s + CHECK_EVERY_S
            self._reload()
        return self.context

    def reload_now(self) -> None:
        """Reload the file with the next batch: the operator states that it has changed and is complete."""
        if self._file:
            self._is_complete, self._check_at_s = True, -inf

    def _reload(self) -> None:
        stamp, is_complete, self._is_complete = self._stamp(), self._is_complete, False
        is_stable, self._seen = stamp == self._seen, stamp
        if not is_complete and (not is_stable or stamp == self._read):
            return
        self._read = stamp
        assert self._file is not None  # noqa: S101 - without a file no check is due
        try:
            keys = read_keys(self._file)
            _check(self.context.masker.keys, keys)
        except SettingsError as error:
            log.error("masking keys not reloaded: %s", error)  # noqa: TRY400 - a traceback says no more
            return
        if keys != self.context.masker.keys:
            self.context = replace(self.context, masker=Masker.of(keys))
            active, *others = (key.id for key in keys)
            log.warning("masking keys reloaded: active %s, recognised: %s", active, ", ".join(others) or "none")
            self._publish()

    def _stamp(self) -> Stamp | None:
        """Return the file's stamp, or None where the file is missing or unreadable."""
        assert self._file is not None  # noqa: S101 - without a file no check is due
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _publish(self) -> None:
        """Export which keys are active and which are recognised."""
        self._metrics.clear(MASKING_KEY)
        for number, key in enumerate(self.context.masker.keys):
            self._metrics.set(MASKING_KEY, number == 0, key=key.id)


def _check(before: Sequence[Key], after: Sequence[Key]) -> None:
    """Reject a change that would give a known payment or card new tokens.

    Raises:
        SettingsError: the reason and the remedy.
    """
    secrets = {key.id: key.secret for key in after}
    if changed := [key.id for key in before if secrets.get(key.id, key.secret) != key.secret]:
        raise SettingsError(f"key {changed[0]} has another secret than before: give a new secret a new id")
    if before[0].id not in secrets:
        raise SettingsError(f"the active key {before[0].id} is missing: keep it below the new one")
