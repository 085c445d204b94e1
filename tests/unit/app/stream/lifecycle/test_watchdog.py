"""The watchdog's measure of missing progress."""

from app.stream.lifecycle.watchdog import Stall


def test_a_stall_lasts_while_the_worker_is_busy_and_progress_does_not_change() -> None:
    stall = Stall()
    seen = [(0, 5, False), (1, 5, True), (11, 5, True), (12, 6, True), (15, 6, True), (16, 6, False), (90, 6, True)]
    assert [stall.lasts_s(now_s, progress, busy=busy) for now_s, progress, busy in seen] == [0, 0, 10, 0, 3, 0, 0]
