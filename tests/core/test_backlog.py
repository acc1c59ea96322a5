"""Many payments that a start finds open: all are settled, and nobody else waits for them."""

from __future__ import annotations

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from kiosk.backlog import Backlog
from kiosk.timer import Timer


@given(st.lists(st.integers(min_value=1, max_value=4), max_size=12))
def test_each_is_stepped_until_it_is_final_and_never_before_it_is_due(steps):
    left = {str(at): count for at, count in enumerate(steps)}
    due = dict.fromkeys(left, 0.0)

    def step(number, now):
        assert now >= due[number]
        left[number] -= 1
        due[number] = now + 5
        return due[number] if left[number] else None

    backlog, now, runs = Backlog(left, step), 0.0, 0
    while (again := backlog.work(now)) is not None:
        now, runs = max(now, again), runs + 1
        assert runs < 100
    assert not any(left.values())


def test_one_that_cannot_be_stepped_stops_no_other():
    seen = []

    def step(number, now):
        seen.append(number)
        if number == "gone":
            raise KeyError("alipay")

    backlog = Backlog(["gone", "other"], step)
    while backlog.work(0.0) is not None:
        pass
    assert seen == ["gone", "other"]


def test_whoever_comes_now_does_not_wait_for_a_thousand_that_wait_for_a_dead_channel():
    hung_up, waiting, served = threading.Event(), threading.Semaphore(0), threading.Event()

    def step(number, now):
        waiting.release()
        hung_up.wait(10)
        return now + 5

    timer = Timer(time.monotonic)
    timer.put("backlog", Backlog(map(str, range(1000)), step).work)
    timer.start()
    try:
        assert waiting.acquire(timeout=10), "the first step was not taken"
        timer.put("payment of a shopper", lambda now: served.set())
        assert served.wait(5)
        assert not waiting.acquire(blocking=False), "two of them wait at the same time"
    finally:
        hung_up.set()
        timer.stop()
