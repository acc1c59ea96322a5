"""The drawer in the hands of the staff: float, in, out, counts and opening it, each an entry."""

from __future__ import annotations

import pytest

from hardware.devices import Condition, Health
from kiosk.config import Person
from kiosk.domain.cash import MOVED
from kiosk.ledger import LedgerFull
from kiosk.messages.shift import CountCash, MoveCash, OpenDrawer
from kiosk.messages.staff import CloseStaff, EnterPin, OpenStaff, StaffPage, TurnTo
from kiosk.pin import hash_pin

PIN = "246810"


@pytest.fixture
def before(inside):
    """Staff before the page of the drawer."""
    return turned(inside)


def turned(kiosk):
    kiosk.does(TurnTo(StaffPage.DRAWER))
    kiosk.works()
    return kiosk


def shown(kiosk):
    return kiosk.screen.staff.drawer


def does(kiosk, *commands):
    for command in commands:
        kiosk.does(command)
        kiosk.works()


def moves(kiosk):
    return [each.body for each in kiosk.ledger.entries(0, 500) if each.kind == MOVED]


def test_what_goes_in_and_out_is_booked_and_expected(before):
    assert shown(before).expected_fen == 0
    does(before, MoveCash("float", 50_000), MoveCash("pay_in", 700), MoveCash("pay_out", 20_000))
    assert [(each["why"], each["fen"]) for each in moves(before)] == [
        ("float", 50_000), ("pay_in", 700), ("pay_out", -20_000),
    ]  # fmt: skip
    assert shown(before).expected_fen == 30_700
    assert [(row.key, row.fen) for row in shown(before).moves] == [
        ("cash_float", 50_000), ("cash_pay_in", 700), ("cash_pay_out", -20_000),
    ]  # fmt: skip
    assert before.hinted == "staff.drawer.done.pay_out"


def test_a_count_books_the_difference_and_the_next_one_finds_none(before):
    does(before, MoveCash("float", 50_000), CountCash({"10000": 4, "100": 99}))
    assert (shown(before).counted_fen, shown(before).difference_fen) == (49_900, -100)
    assert shown(before).expected_fen == 49_900
    does(before, CountCash({"10000": 4, "100": 99}))
    assert shown(before).difference_fen == 0
    assert [each["fen"] for each in moves(before)] == [50_000, -100, 0]
    assert moves(before)[1]["pieces"] == {"10000": 4, "100": 99}


def test_a_sale_that_comes_while_staff_count_is_expected_as_well(before, monkeypatch):
    real, sales = before.ledger.append_after, [1]

    def append_after(*given):
        if sales and given[1] == MOVED:
            sales.pop()
            before.ledger.append(MOVED, "n1", {"why": "sale", "fen": 690})
        return real(*given)

    monkeypatch.setattr(before.ledger, "append_after", append_after)
    does(before, CountCash({"100": 7}))
    assert (shown(before).difference_fen, shown(before).expected_fen) == (10, 700)


def test_no_more_is_taken_out_than_is_there(before):
    does(before, MoveCash("float", 500), MoveCash("pay_out", 501))
    assert before.hinted == "staff.drawer.not_there"
    assert [each["fen"] for each in moves(before)] == [500]


@pytest.mark.parametrize(
    "command",
    [
        MoveCash("sale", 100), MoveCash("float", 0), MoveCash("pay_out", -5),
        CountCash({"200": 1}), CountCash({"x": 1}), CountCash({"100": -1}), OpenDrawer("because"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_books_and_opens_nothing(before, command):
    does(before, command)
    assert moves(before) == []
    assert before.slips.drawers == []


def test_a_second_touch_while_one_is_booked_books_nothing_more(before):
    before.does(MoveCash("pay_in", 500), MoveCash("pay_in", 500))
    before.works()
    assert len(moves(before)) == 1


def test_the_drawer_is_opened_for_a_reason_that_is_written_down(before):
    before.devices.found["drawer"] = Health(Condition.GOOD)
    before.does(OpenDrawer("change"))
    assert shown(before).opens
    assert before.slips.drawers == [("0001", "no_sale")]
    entry = before.ledger.entries(0, 500)[-1]
    assert entry.body == {"did": "drawer opened", "why": "change"}


def test_a_full_disk_books_nothing_and_says_so(before, monkeypatch):
    def full(*given):
        raise LedgerFull("no room")

    monkeypatch.setattr(before.ledger, "append_after", full)
    does(before, MoveCash("float", 500))
    assert before.hinted == "staff.line"
    assert moves(before) == []


def test_only_a_manager_counts_and_his_name_is_with_it(kiosk_with):
    pins = {"mei": ("135791", False), "li": ("864202", True)}
    people = {
        name: Person(hash_pin(pin, b"0123456789abcdef"), manager=manager)
        for name, (pin, manager) in pins.items()
    }
    kiosk = kiosk_with(people=people)
    kiosk.does(OpenStaff(), EnterPin("135791"))
    kiosk.works()
    does(kiosk, TurnTo(StaffPage.DRAWER), MoveCash("float", 5), OpenDrawer("look"))
    assert kiosk.screen.staff.page is StaffPage.HOME
    assert moves(kiosk) == []
    assert kiosk.slips.drawers == []
    kiosk.does(CloseStaff(), OpenStaff(), EnterPin("864202"))
    kiosk.works()
    does(turned(kiosk), MoveCash("float", 5))
    assert moves(kiosk) == [{"why": "float", "fen": 5, "who": "li"}]


def test_a_z_carries_the_drawer_over(before):
    does(before, MoveCash("float", 500))
    before.does(TurnTo(StaffPage.REPORT))
    before.works()
    rows = {row.key: row.fen for row in before.screen.staff.report.rows}
    assert (rows["cash_float"], rows["cash_expected"]) == (500, 500)
