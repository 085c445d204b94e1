"""The load generator of the phones' benchmark: its requests and its counters."""

from pathlib import Path

from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.nightly.bench.crowd import Crowd, Met, Plan
from tests.nightly.bench.phones import Trial
from tests.support.bridge import listening

PHONES, SECONDS = 20, 2


async def test_the_load_generator_pushes_once_a_second_without_loss(tmp_path: Path) -> None:
    async with listening(tmp_path) as there:
        tokens = DeviceRegistry(tmp_path / "devices.jsonl").add_all([f"phone-{number}" for number in range(PHONES)])
        met = await Crowd(Plan(there.port, tokens, ramp_s=0.2, seconds=SECONDS)).run()
        assert met.due == PHONES * SECONDS
        assert met.answers == {"200": met.due}
        assert (met.cut_off, met.unanswered) == (0, 0)
        assert len(met.waited_ms) == 101
        assert met.waited_ms == sorted(met.waited_ms)
        assert len({push.device_id for push in there.publisher.pushes}) == PHONES
        assert there.bridge.handler.repeated.total() == there.bridge.handler.missing.total() == 0


async def test_the_load_generator_counts_rejected_pushes(tmp_path: Path) -> None:
    async with listening(tmp_path) as there:
        there.publisher.is_down = True
        tokens = DeviceRegistry(tmp_path / "devices.jsonl").add_all(["phone-1"])
        met = await Crowd(Plan(there.port, tokens, ramp_s=0.0, seconds=1)).run()
        assert met.answers == {"503": 1}


def test_a_trial_passes_if_nearly_all_pushes_are_confirmed_in_time() -> None:
    def trial(kept: int, p99_ms: float) -> bool:
        met = Met(due=10_000, waited_ms=[p99_ms] * 101)
        met.answers["200"] = kept
        return Trial(100, 100.0, met, 50.0, 50.0, 0.5).is_borne

    assert trial(10_000, 999.0)
    assert not trial(10_000, 1000.0)
    assert not trial(9_900, 10.0)
