"""The live state: recent cases, statistics and lag. The consumer and the poller fill it; the event hub reads it."""

import asyncio
from dataclasses import dataclass, field

from app.api.live.case_cache import CaseCache
from app.api.live.lag_estimator import LagEstimator
from app.api.live.statistics import LiveStatistics


@dataclass(slots=True)
class LiveState:
    """All live data of the server. `caught_up`: set once everything that existed at the start has been read."""

    cases: CaseCache
    statistics: LiveStatistics
    lag: LagEstimator = field(default_factory=LagEstimator)
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)
