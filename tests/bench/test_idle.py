"""Every driver open at once, and what that costs."""

from __future__ import annotations

from kiosk import registry
from kiosk.bench import idle
from kiosk.bench.idle import LEFT_OUT, Observed
from kiosk.bench.machine import this_machine


def test_every_driver_that_can_be_idle_is_open_and_measured():
    seen = idle.observe(1.0)
    known = {(kind, name) for kind in registry.BUILT_IN for name in registry.BUILT_IN[kind]}
    wanted = {each for each in known if each[0] != "channel"} - LEFT_OUT
    assert {tuple(one.split()) for one in seen.drivers} == wanted
    assert 0 < seen.busy_s < seen.wall_s * this_machine().cores


def test_the_share_of_a_core_is_judged():
    (good,) = idle.figures(Observed(0.05, 10.0, ["a", "b"]))
    assert (good.measured, good.met) == (0.5, True)
    assert good.note.startswith("2 drivers")
    (bad,) = idle.figures(Observed(0.2, 10.0))
    assert not bad.met
