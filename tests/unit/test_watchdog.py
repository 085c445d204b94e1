"""The watchdog: how long nothing has moved."""

from app.stream.lifecycle.watchdog import Stall


def test_a_stall_lasts_as_long_as_there_is_work_and_nothing_moves() -> None:
    stall = Stall()
    seen = [(0, 5, False), (1, 5, True), (11, 5, True), (12, 6, True), (15, 6, True), (16, 6, False), (90, 6, True)]
    assert [stall.lasts_s(now_s, progress, busy=busy) for now_s, progress, busy in seen] == [0, 0, 10, 0, 3, 0, 0]
