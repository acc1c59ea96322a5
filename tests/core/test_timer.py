"""The timer: what is due runs, one name never twice at once, a defect ends nothing else."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from kiosk.timer import Timer


@pytest.fixture
def timer():
    one = Timer(time.monotonic)
    one.start()
    yield one
    one.stop()


def test_work_runs_when_it_is_due_and_again_when_it_says_so(timer):
    ran, done = [], threading.Event()

    def work(now):
        ran.append(now)
        if len(ran) == 3:
            done.set()
            return None
        return now + 0.02

    asked = time.monotonic()
    timer.put("a", work, asked + 0.05)
    assert done.wait(5)
    assert ran[0] >= asked + 0.05
    assert all(later - earlier >= 0.02 for earlier, later in pairwise(ran))


def test_two_pieces_of_one_name_never_run_together_and_other_names_go_on(timer):
    inside, together, others = [], [], threading.Event()
    release, finished = threading.Event(), threading.Event()

    def slow(_now):
        together.append(len(inside))
        inside.append(1)
        release.wait(5)
        inside.pop()
        if len(together) == 3:
            finished.set()

    for _ in range(3):
        timer.put("payment 1", slow)
    timer.put("payment 2", lambda _now: others.set())
    assert others.wait(5)
    release.set()
    assert finished.wait(5)
    assert together == [0, 0, 0]


def test_a_defect_in_one_piece_does_not_end_the_others(timer, caplog):
    done = threading.Event()

    def broken(_now):
        raise RuntimeError("a defect")

    timer.put("a", broken)
    timer.put("a", lambda _now: done.set())
    assert done.wait(5)
    assert "job failed name=a" in caplog.text


def test_nothing_starts_after_the_stop(timer):
    timer.stop()
    ran = threading.Event()
    timer.put("late", lambda _now: ran.set())
    assert not ran.wait(0.1)
