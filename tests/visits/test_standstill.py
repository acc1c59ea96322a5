"""Updates and reboots wait for a visit, and no visit begins during one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kiosk.errors import KioskError
from kiosk.messages import Back, ChooseTender, Leave, Pay, Screen, Start
from kiosk.standstill import VisitLock, run_idle


@pytest.fixture
def run(shop):
    return shop.place / "run"


def test_nothing_stops_the_machine_while_somebody_is_there(shop, run):
    shop.does(Start())
    with pytest.raises(KioskError, match="a visit is under way"):
        run_idle(run, 0.0, [])
    shop.does(Leave())
    shop.passes()
    assert run_idle(run, 0.0, []) == 0


def test_nothing_stops_the_machine_while_an_outcome_is_open(shop, run):
    shop.paying.line["pay"].append("lost")
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("code"))
    shop.scans_code()
    shop.passes()
    shop.paying.up = False
    shop.passes(150)
    assert shop.screen.screen is Screen.ATTRACT
    with pytest.raises(KioskError):
        run_idle(run, 0.0, [])
    shop.passes(600)
    assert not shop.payments[0].final
    assert run_idle(run, 0.0, []) == 0, "an outage of days keeps no update away"


def test_no_visit_begins_while_the_machine_is_being_stopped(shop, run):
    update = VisitLock(run / "visit.lock")
    assert update.take_alone()
    shop.passes()
    assert (shop.screen.screen, shop.screen.said.key) == (Screen.OUT_OF_ORDER, "out.maintenance")
    shop.does(Start(), Back())
    assert shop.counter.visit is None
    update.release()
    shop.passes()
    assert shop.screen.screen is Screen.ATTRACT


def test_the_command_runs_while_nobody_can_be_served_and_its_code_is_the_answer(shop, run):
    look = (
        "import sys; from pathlib import Path; from kiosk.standstill import VisitLock;"
        "sys.exit(7 if VisitLock(Path(sys.argv[1]) / 'visit.lock').take() else 3)"
    )
    assert run_idle(run, 0.0, [sys.executable, "-c", look, str(run)]) == 3
    with pytest.raises(KioskError, match="cannot be run"):
        run_idle(run, 0.0, ["/nonexistent/update"])
    assert VisitLock(run / "visit.lock").take()


def test_a_kiosk_that_was_killed_locks_nobody_out(run):
    hold = (
        "import sys, time; from pathlib import Path; from kiosk.standstill import VisitLock;"
        "held = VisitLock(Path(sys.argv[1]) / 'visit.lock'); print(held.take(), flush=True);"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as core:
        assert core.stdout.readline() == "True\n"
        assert not VisitLock(run / "visit.lock").take_alone()
        core.kill()
        core.wait()
    assert VisitLock(run / "visit.lock").take_alone()


def test_where_there_is_no_kiosk_nothing_is_promised(tmp_path):
    with pytest.raises(KioskError, match="is not there"):
        run_idle(tmp_path / "nowhere", 0.0, [])
