"""The topic of suspects and a page of the console, as small models for tests of the live view."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.api.live.case_cache import CaseCache
from app.api.live.event_hub import EventHub, Subscriber
from app.api.live.resume_token import decode
from app.api.live.state import LiveState
from app.api.live.statistics import HighValue, LiveStatistics
from schemas.verdict import Outcome, Verdict
from tests.support.make import verdict

PARTITIONS = 3


def suspect(number: int, revision: int = 1, **changes: Any) -> Verdict:
    """Return a suspect of one of four devices."""
    device = f"device_k1_{number % 4}"
    return verdict(number, **{"verdict": Outcome.SUSPECT, "revision": revision, "device_token": device} | changes)


def id_of(number: int) -> str:
    return verdict(number).id


@dataclass
class SuspectTopic:
    """The topic of suspects, whose records go to a cache. Each device has one partition."""

    cache: CaseCache = field(default_factory=lambda: CaseCache(PARTITIONS))
    ends: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    at_ms: int = 0

    def publish(self, *verdicts: Verdict) -> None:
        for one in verdicts:
            self.at_ms += 1
            self.cache.add(one, *self._next_offset(one.device_token), self.at_ms)

    def erase(self, device_token: str) -> None:
        self.cache.erase((device_token,), *self._next_offset(device_token))

    def new_hub(self) -> EventHub:
        """Return an event hub over the cache, as after a restart of the server."""
        return EventHub(LiveState(self.cache, LiveStatistics(HighValue(1000.0, 3600))))

    def _next_offset(self, device_token: str) -> tuple[int, int]:
        partition = int(device_token[-1]) % PARTITIONS
        self.ends[partition] += 1
        return partition, self.ends[partition] - 1


@dataclass
class LivePage:
    """A page that follows the protocol of the stream. `received`: each revision it got, with repetitions."""

    subscriber: Subscriber = field(default_factory=lambda: Subscriber(None))
    resume_token: str = ""
    shown: dict[str, int] = field(default_factory=dict)
    received: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def connect(self, hub: EventHub) -> None:
        self.subscriber = Subscriber(decode(self.resume_token, PARTITIONS))
        self.read(hub.subscribe(self.subscriber))

    def read(self, chunk: bytes, limit: int = 10_000) -> None:
        """Read at most `limit` events, as before a broken connection."""
        for token, name, data in list(_events(chunk))[:limit]:
            self.names.append(name)
            if name == "snapshot":
                self.shown = {}
            if name == "gone":
                erased = [int(device[-1]) for device in data["device_tokens"]]
                self.shown = {id_: revision for id_, revision in self.shown.items() if int(id_[-4:]) % 4 not in erased}
            for case in data.get("cases", ()):
                self.received.append((case["id"], case["revision"]))
                self.shown[case["id"]] = max(case["revision"], self.shown.get(case["id"], 0))
            self.resume_token = token

    def read_next(self, hub: EventHub, limit: int = 10_000) -> None:
        self.read(hub.next_for(self.subscriber), limit)


def topic_and_hub(capacity: int = 500) -> tuple[SuspectTopic, EventHub]:
    topic = SuspectTopic(CaseCache(PARTITIONS, capacity))
    topic.cache.start_at([0] * PARTITIONS)
    return topic, topic.new_hub()


def _events(chunk: bytes) -> Iterator[tuple[str, str, Any]]:
    for block in chunk.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            assert lines.keys() == {"id", "event", "data"}
            yield lines["id"], lines["event"], json.loads(lines["data"])
