"""Knowledge: what the console knows of what goes on, in memory. One task fills it, pages are told of it."""

import asyncio
from dataclasses import dataclass, field

from app.api.live.case_cache import CaseCache
from app.api.live.lag_estimator import LagEstimator
from app.api.live.statistics import LiveStatistics


@dataclass(slots=True)
class LiveState:
    """`is_current`: set once everything is read that was there at the start."""

    cases: CaseCache
    statistics: LiveStatistics
    lag: LagEstimator = field(default_factory=LagEstimator)
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)
