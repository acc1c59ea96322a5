"""When face payment rests, over a restart and a disk that takes nothing."""

from __future__ import annotations

import pytest

from kiosk.config import Faces
from kiosk.face_rest import ATTACK, UNPROVEN, FaceRest
from kiosk.ledger import Ledger, LedgerFull

LIMITS = Faces(attacks_allowed=2, tries_allowed=4, lockout_seconds=300.0)


class Clock:
    """Both clocks in one; a restart begins the steady one anew."""

    def __init__(self):
        self.seconds, self.started = 1_772_340_896.0, 0.0

    def now(self):
        return self.seconds - self.started

    def wall_ms(self):
        return round(self.seconds * 1000)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start(tmp_path, clock):
    """As after a restart, again and again."""
    opened = []

    def begin():
        for ledger in opened:
            ledger.close()
        opened.append(Ledger(tmp_path / "ledger", clock.wall_ms))
        clock.started = clock.seconds
        return FaceRest(LIMITS, opened[-1], clock, "0001")

    yield begin
    for ledger in opened:
        ledger.close()


@pytest.mark.parametrize(
    ("kinds", "rests"),
    [
        ([], False),
        ([ATTACK], False),
        ([ATTACK, ATTACK], True),
        ([UNPROVEN] * 3, False),
        ([UNPROVEN] * 4, True),
        ([UNPROVEN, UNPROVEN, ATTACK], False),
        ([UNPROVEN, UNPROVEN, UNPROVEN, ATTACK], True),
    ],
    ids=str,
)
def test_too_many_of_either_and_both_kinds_and_a_restart_forgets_none(start, kinds, rests):
    face = start()
    for kind in kinds:
        face.count(kind)
    assert face.rests() is rests
    assert start().rests() is rests


def test_it_comes_back_by_itself_also_after_a_restart(start, clock):
    face = start()
    face.count(ATTACK)
    clock.seconds += 200
    face.count(ATTACK)
    clock.seconds += 99
    assert face.rests()
    again = start()
    assert again.rests()
    clock.seconds += 2
    assert not again.rests()


def test_what_the_disk_does_not_take_counts_all_the_same(start, monkeypatch):
    face = start()

    def full(*_):
        raise LedgerFull("no room")

    monkeypatch.setattr(face._ledger, "append", full)
    face.count(ATTACK)
    face.count(ATTACK)
    assert face.rests()


def test_a_wall_clock_that_was_set_back_keeps_nobody_out_for_longer(start, clock):
    face = start()
    face.count(ATTACK)
    face.count(ATTACK)
    clock.seconds -= 86_400
    again = start()
    assert again.rests()
    clock.seconds += 301
    assert not again.rests()
