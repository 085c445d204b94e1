"""The load generator of the phones' benchmark: its requests and its counters."""

from pathlib import Path

from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.nightly.bench.load_generator import LoadGenerator, Plan
from tests.support.bridge import listening

PHONES, SECONDS = 20, 2


async def test_each_phone_pushes_once_a_second_without_loss(tmp_path: Path) -> None:
    async with listening(tmp_path) as there:
        tokens = DeviceRegistry(tmp_path / "devices.jsonl").add_all([f"phone-{number}" for number in range(PHONES)])
        results = await LoadGenerator(Plan(there.port, tokens, ramp_s=0.2, seconds=SECONDS)).run()
        assert results.due == PHONES * SECONDS
        assert results.answers == {"200": results.due}
        assert (results.cut_off, results.unanswered) == (0, 0)
        assert len(results.waited_ms) == 101
        assert results.waited_ms == sorted(results.waited_ms)
        assert len({push.device_id for push in there.publisher.pushes}) == PHONES
        assert there.bridge.handler.repeated.total() == there.bridge.handler.missing.total() == 0


async def test_rejected_pushes_are_counted(tmp_path: Path) -> None:
    async with listening(tmp_path) as there:
        there.publisher.is_down = True
        tokens = DeviceRegistry(tmp_path / "devices.jsonl").add_all(["phone-1"])
        results = await LoadGenerator(Plan(there.port, tokens, ramp_s=0.0, seconds=1)).run()
        assert results.answers == {"503": 1}
