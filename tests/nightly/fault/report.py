"""Report of a run as Markdown: faults, invariants, goals and counts."""

import os
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from tests.nightly.fault.faults.kinds import KILL
from tests.nightly.fault.faults.worker import MENDED_WITHIN_S
from tests.nightly.fault.invariants import Invariant
from tests.nightly.fault.latency import Seen
from tests.nightly.fault.scheduler import Campaign, LandedFault

PACKAGES: Final = ("faust-streaming", "aiokafka", "motor", "elasticsearch")
ISOLATED_RATIO: Final = 2.0
BROKER_WITHIN_S: Final = 60.0
READY_WITHIN_S: Final = 15.0
REFUSED_WITHIN_S: Final = 5.0
EXAMPLES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Run:
    """All results of a run. `drained`: exit code and seconds of the final stop, by worker."""

    seed: int
    seconds: float
    command: str
    campaign: Campaign
    laws: Sequence[Invariant]
    counts: Mapping[str, int]
    calm: Seen
    store_dead: Seen
    drained: Mapping[str, tuple[int, float]]

    @property
    def goals(self) -> dict[str, tuple[str, bool]]:
        """Return measured value and success by goal."""
        kills = [one for one in self.campaign.struck if one.kind is KILL and one.outcome.well_again_s is not None]
        alone = [one.outcome.well_again_s or 0.0 for one in kills if not one.beside]
        beside = [one.outcome.well_again_s or 0.0 for one in kills if one.beside]
        slow = sum(seconds > READY_WITHIN_S for seconds in beside)
        outages = [one for one in self.campaign.struck if one.kind.name == "broker down for 70 s"]
        long = [one for one in self.campaign.struck if one.kind.name == "store down for ten minutes"]
        ratio = self.store_dead.p99_ms / self.calm.p99_ms
        refused_s = self.campaign.world.traffic.slowest_refusal_s
        return {
            "no fault without its recovery": (f"{len(self.failed)} failed", not self.failed),
            f"ready within {READY_WITHIN_S:.0f} s of a kill -9 when nothing else is broken": (
                _times(alone),
                all(seconds <= READY_WITHIN_S for seconds in alone),
            ),
            f"ready within {MENDED_WITHIN_S:.0f} s of a kill -9 beside other faults": (
                f"{_times(beside)}; {slow} after more than {READY_WITHIN_S:.0f} s",
                all(seconds <= MENDED_WITHIN_S for seconds in beside),
            ),
            f"detection's p99 with a dead store within {ISOLATED_RATIO:.0f} times the calm one": (
                f"{ratio:.2f}: calm {self.calm}; Elasticsearch dead {self.store_dead}",
                ratio <= ISOLATED_RATIO,
            ),
            f"lag 0 within {BROKER_WITHIN_S:.0f} s after the broker was down for 70 s": _recovered(
                outages, BROKER_WITHIN_S
            ),
            "the service recovers from a store outage of ten minutes": _recovered(long, 240.0),
            f"the bridge refuses within {REFUSED_WITHIN_S:.0f} s while the broker is down": (
                f"longest {refused_s:.1f} s",
                refused_s <= REFUSED_WITHIN_S,
            ),
            "every worker stops within 30 s at the end": (
                ", ".join(f"{name} {code} in {seconds:.0f} s" for name, (code, seconds) in self.drained.items()),
                all(code == 0 and seconds <= 30 for code, seconds in self.drained.values()),
            ),
        }

    @property
    def failed(self) -> list[LandedFault]:
        return [one for one in self.campaign.struck if one.outcome.failed]

    @property
    def well(self) -> bool:
        return all(law.holds for law in self.laws) and all(met for _, met in self.goals.values())


def _times(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    return f"{len(seconds)}: median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s"


def _recovered(struck: Sequence[LandedFault], within_s: float) -> tuple[str, bool]:
    if not struck:
        return "not part of this run", True
    took = [one.outcome.well_again_s for one in struck]
    seen = ", ".join("never" if seconds is None else f"{seconds:.1f} s" for seconds in took)
    return seen, all(seconds is not None and seconds <= within_s for seconds in took)


def markdown(run: Run) -> str:
    return "\n".join(_lines(run)) + "\n"


def _lines(run: Run) -> Iterator[str]:
    struck, traffic = run.campaign.struck, run.campaign.world.traffic
    kills = sum(one.kind is KILL for one in struck)
    yield "# Report of the fault bench"
    yield ""
    yield f"{_moment(time.time())} UTC, seed {run.seed}, {run.seconds / 60:.0f} minutes: `{run.command}`."
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield f"Python {platform.python_version()} on {machine}; {packages}."
    count = len(run.campaign.world.brokers.names)
    yield f"Brokers: {count}; real stores, two detectors, two sinks, the bridge; faults from six sides at once."
    yield ""
    total = run.counts["records on the topics"]
    yield f"**{total:,} records; {len(struck)} faults while records were in flight, {kills} of them kill -9.**"
    yield ""
    yield "| invariant | checked | holds | violations |"
    yield "|---|---:|---|---|"
    for law in run.laws:
        examples = "; ".join(law.against[:EXAMPLES_SHOWN])
        more = f"{len(law.against)}: {examples}" if law.against else ""
        yield f"| {law.number}: {law.says} | {law.checked:,} | {'yes' if law.holds else '**no**'} | {more} |"
    yield ""
    yield "| goal | measured | met |"
    yield "|---|---|---|"
    for goal, (seen, met) in run.goals.items():
        yield f"| {goal} | {seen} | {'yes' if met else '**no**'} |"
    yield ""
    yield "| fault | number | landed | beside others | void | recovery: median | longest | failed |"
    yield "|---|---|---:|---:|---:|---:|---:|---|"
    by_kind: defaultdict[tuple[str, str], list[LandedFault]] = defaultdict(list)
    for one in struck:
        by_kind[one.kind.name, one.kind.number].append(one)
    for (name, number), ones in sorted(by_kind.items(), key=lambda item: -len(item[1])):
        again = [one.outcome.well_again_s for one in ones if one.outcome.well_again_s is not None]
        median = f"{statistics.median(again):.1f} s" if again else ""
        longest = f"{max(again):.1f} s" if again else ""
        beside = sum(one.beside for one in ones)
        failed = sum(bool(one.outcome.failed) for one in ones)
        void = run.campaign.void.get(name, 0)
        yield f"| {name} | {number} | {len(ones)} | {beside} | {void} | {median} | {longest} | {failed or ''} |"
    yield ""
    yield "| count | |"
    yield "|---|---:|"
    for name, count in run.counts.items():
        yield f"| {name} | {count:,} |"
    answers = ", ".join(f"{result}: {times:,}" for result, times in sorted(traffic.bridge_answers.items()))
    yield f"| answers of the bridge | {answers} |"
    memory = ", ".join(f"{name} {size >> 20}" for name, size in sorted(run.campaign.world.rss_bytes.items()))
    yield f"| most memory, MiB | {memory} |"
    for one in run.failed:
        yield ""
        yield f"Failed at {_moment(one.at_s)}: {one.kind.name}: {one.outcome.failed}"


def _moment(epoch_s: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(epoch_s))
