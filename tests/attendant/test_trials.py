"""Devices tried from the staff's screen while the kiosk runs."""

from __future__ import annotations

import pytest

from hardware.devices import Condition, DrawerState, Health, PrintOutcome, PrintResult
from hardware.errors import Offline
from kiosk.messages.shift import TryPart
from kiosk.messages.staff import CloseStaff, EnterPin, OpenStaff, StaffPage, TurnTo

MILK, CODE = "6901000000042", "134567890123456789"


class Drawer:
    """One with a switch."""

    def __init__(self):
        self.state, self.pulses = DrawerState.OPEN, 0

    def open_drawer(self):
        self.pulses += 1

    def is_open(self):
        return self.state


class Lit:
    """Lights that keep what they were told."""

    def __init__(self):
        self.on, self.told = None, []

    def switch_on(self, light, blink_s=0.0):
        self.told.append(light)

    def switch_off(self, light):
        self.told.append(f"-{light}")


@pytest.fixture
def listed(inside, printer, monkeypatch):
    """Staff before the list of devices; a printer, a drawer, lights and a scanner are there."""
    monkeypatch.setattr("kiosk.staff.trials.LIT", 0.0)
    inside.devices.plugged = {
        "printer": printer, "drawer": Drawer(), "lights": Lit(), "scanner": object(),
        "dispenser": object(),
    }  # fmt: skip
    good = Health(Condition.GOOD)
    inside.devices.found = dict.fromkeys(inside.devices.plugged, good)
    inside.does(TurnTo(StaffPage.PAYMENTS))
    return inside


def part(kiosk, name):
    (found,) = [each for each in kiosk.screen.staff.parts if each.name == name]
    return found


def tries(kiosk, name):
    kiosk.does(TryPart(name))
    kiosk.works()
    return part(kiosk, name)


def test_what_can_be_tried_is_marked_and_goods_never_drop(listed):
    may = {each.name for each in listed.screen.staff.parts if each.may_try}
    assert may == {"printer", "drawer", "lights", "scanner"}


def test_a_printer_prints_a_test_slip_and_says_so(listed, printer):
    assert (tries(listed, "printer").tried, part(listed, "printer").went) == (
        "staff.trial.printed", "well",
    )  # fmt: skip
    assert len(printer.jobs) == 1


def test_a_printer_that_does_not_print_says_cause_and_mend(listed, printer):
    printer.result = PrintResult(PrintOutcome.FAILED, "no paper", "Put a roll in")
    found = tries(listed, "printer")
    assert (found.tried, found.went) == ("staff.line", "badly")
    assert "no paper. Put a roll in" in found.args["cause"]


def test_a_device_that_is_gone_says_cause_and_mend(listed, printer, monkeypatch):
    def gone(*given):
        raise Offline("printer", "no answer on /dev/usb/lp0")

    monkeypatch.setattr(printer, "print", gone)
    found = tries(listed, "printer")
    assert "no answer on /dev/usb/lp0" in found.args["cause"]
    assert (found.args["mend"], found.went) == (Offline("printer", "").mend, "badly")


@pytest.mark.parametrize("state", list(DrawerState))
def test_a_drawer_is_opened_and_its_switch_is_told(listed, state):
    listed.devices.plugged["drawer"].state = state
    assert tries(listed, "drawer").tried == f"staff.trial.drawer_{state.value}"
    assert listed.devices.plugged["drawer"].pulses == 1


def test_lights_go_on_and_off_one_after_the_other(listed):
    assert tries(listed, "lights").went == "well"
    told = listed.devices.plugged["lights"].told
    assert told[:4] == ["green", "-green", "amber", "-amber"]


def test_the_next_code_is_shown_and_goes_nowhere_else(listed):
    assert tries(listed, "scanner").tried == "staff.trial.scan"
    listed.checkout.scanned(MILK)
    assert part(listed, "scanner").args == {"code": MILK}
    assert listed.cashbox.found == []
    listed.checkout.scanned("x" * 30)  # the trial is over: a payment is looked for again
    listed.works()
    assert listed.cashbox.found == ["x" * 30]


def test_of_a_payment_code_only_the_end_is_shown(listed):
    tries(listed, "scanner")
    listed.checkout.scanned(CODE)
    assert part(listed, "scanner").args == {"code": f"…{CODE[-4:]}"}


def test_a_trial_is_written_down_and_gone_when_staff_leave(listed):
    tries(listed, "printer")
    did = [each.body for each in listed.ledger.entries(0, 500) if each.kind == "staff"]
    assert did[-1] == {"did": "device tried", "device": "printer"}
    listed.does(CloseStaff(), OpenStaff(), EnterPin("246810"))
    listed.works()
    assert part(listed, "printer").tried == ""


def test_an_answer_to_a_trial_before_is_not_taken_for_this_one(listed):
    listed.does(TryPart("printer"), TryPart("scanner"))
    listed.works()
    assert part(listed, "printer").tried == ""
    assert part(listed, "scanner").tried == "staff.trial.scan"


def test_what_is_not_there_is_not_tried(listed):
    listed.does(TryPart("scale"), TryPart("nothing"))
    assert listed.work == []


def test_before_the_pin_nothing_is_tried(kiosk, printer):
    kiosk.devices.plugged = {"printer": printer}
    kiosk.does(OpenStaff(), TryPart("printer"))
    kiosk.works()
    assert printer.jobs == []
