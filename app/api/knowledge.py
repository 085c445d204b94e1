"""Knowledge: what the console knows of what goes on, in memory. One task fills it, pages are told of it."""

import asyncio
from dataclasses import dataclass, field

from app.api.backlog import Backlog
from app.api.pulse import Pulse
from app.api.recent import Recent


@dataclass(slots=True)
class Knowledge:
    """`is_current`: set once everything is read that was there at the start."""

    recent: Recent
    pulse: Pulse
    backlog: Backlog = field(default_factory=Backlog)
    is_current: asyncio.Event = field(default_factory=asyncio.Event)
