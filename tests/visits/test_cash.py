"""Cash: staff take it, give change, and are asked after a crash; no clock ever decides."""

from __future__ import annotations

import pytest

from kiosk.config import Cash, Staff
from kiosk.domain.payment import Method, State
from kiosk.domain.refund import RefundState
from kiosk.messages import (
    Back,
    ChooseTender,
    Leave,
    PaidPart,
    Pay,
    PayPart,
    Screen,
    SetLanguage,
    Split,
)
from kiosk.messages.staff import (
    AskRefund,
    CashStep,
    CloseStaff,
    EnterPin,
    FindPayment,
    OpenStaff,
    PayOut,
    RefuseCash,
    ShowPayments,
    StaffPage,
    TakeCash,
)
from kiosk.pin import hash_pin
from tests.visits.conftest import Shop

PIN = "246810"
DAY = 86_400.0


IN_CASH = {"cash": Cash(enabled=True), "staff": Staff(hash_pin(PIN, b"0123456789abcdef"))}


class CashShop(Shop):
    def __init__(self, place, **settings):
        self.settings = {**IN_CASH, **settings}
        super().__init__(place)
        self.devices.working.add("drawer")

    def goes_to_pay_cash(self):
        self.scans_milk(10)
        self.does(Pay(), ChooseTender("cash"))
        self.passes()

    def staff_come(self):
        self.does(OpenStaff(), EnterPin(PIN))
        self.passes(0.5)

    def moved(self):
        """What the drawer holds more, entry by entry."""
        entries = self.ledger.entries(0, 10_000)
        return [(each.key, dict(each.body)) for each in entries if each.kind == "cash_moved"]

    @property
    def payment(self):
        return self.payments[-1]


@pytest.fixture
def shop(tmp_path):
    opened = CashShop(tmp_path)
    yield opened
    opened.ledger.close()


def test_cash_is_offered_last_and_only_where_it_can_be_taken(shop):
    shop.scans_milk()
    shop.does(Pay())
    assert shop.screen.tenders[-1] == "cash"
    shop.devices.working.discard("drawer")
    shop.counter.refresh()
    assert "cash" not in shop.screen.tenders
    shop.does(ChooseTender("cash"))
    assert (shop.screen.screen, shop.hints[-1]) == (Screen.TENDER, "hint.not_offered")
    shop.devices.working.add("drawer")
    shop.counter.refresh()
    assert shop.screen.tenders[-1] == "cash"


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        ({"cash": Cash(enabled=False)}, False),
        ({"staff": Staff("")}, False),
        ({"cash": Cash(enabled=True, drawer=False)}, True),
    ],
    ids=["not enabled", "nobody can come in", "without a drawer"],
)
def test_whether_cash_is_offered_without_a_drawer(tmp_path, settings, offered):
    shop = CashShop(tmp_path, **settings)
    shop.devices.working.discard("drawer")
    shop.scans_milk()
    shop.does(Pay())
    assert ("cash" in shop.screen.tenders) is offered
    shop.ledger.close()


def test_staff_are_called_and_the_payment_is_on_the_disk_before_any_money_moves(shop):
    shop.goes_to_pay_cash()
    assert shop.screen.screen is Screen.CASH
    assert shop.screen.attendant_called
    assert shop.screen.seconds_left is None
    assert (shop.payment.method, shop.payment.channel) == (Method.CASH, "cash")
    assert shop.payment.state is State.PAYING
    assert shop.moved() == []


def test_staff_who_come_see_what_is_due_and_likely_amounts(shop):
    shop.goes_to_pay_cash()
    shop.staff_come()
    staff = shop.screen.staff
    assert staff.page is StaffPage.CASH
    assert staff.cash.step is CashStep.TAKE
    assert (staff.cash.fen, staff.cash.quick) == (6900, (6900, 7000, 8000, 10_000))


def test_what_is_handed_over_is_paid_and_change_is_named_to_both(shop):
    shop.goes_to_pay_cash()
    shop.staff_come()
    number = shop.payment.out_trade_no
    shop.does(TakeCash(number, 10_000))
    shop.passes()
    assert shop.payment.state is State.PAID
    assert shop.moved() == [
        (number, {"why": "sale", "fen": 6900, "tendered_fen": 10_000, "change_fen": 3100})
    ]
    assert shop.slips.drawer == [(number, "sale")]
    assert shop.slips.printed == [number]
    cash = shop.screen.staff.cash
    assert (cash.step, cash.tendered_fen, cash.change_fen) == (CashStep.TAKEN, 10_000, 3100)
    shop.does(CloseStaff())
    assert shop.screen.screen is Screen.DONE
    assert (shop.screen.said.key, shop.screen.said.args) == ("say.paid_change", {"amount": "31.00"})


def test_the_same_word_twice_takes_it_once(shop):
    shop.goes_to_pay_cash()
    shop.staff_come()
    number = shop.payment.out_trade_no
    shop.does(TakeCash(number, 6900), TakeCash(number, 6900), RefuseCash(number))
    shop.passes()
    assert len(shop.moved()) == 1
    assert shop.slips.drawer == [(number, "sale")]
    assert shop.payment.state is State.PAID


@pytest.mark.parametrize("fen", [0, -100, 6899, 6900 + 100_001])
def test_less_than_is_due_and_far_more_are_not_taken(shop, fen):
    shop.goes_to_pay_cash()
    shop.staff_come()
    shop.does(TakeCash(shop.payment.out_trade_no, fen))
    assert shop.hints[-1] == "staff.cash.not_that"
    assert shop.payment.state is State.PAYING
    assert (shop.moved(), shop.slips.drawer) == ([], [])


def test_nobody_takes_cash_without_the_pin(shop):
    shop.goes_to_pay_cash()
    shop.does(OpenStaff(), TakeCash(shop.payment.out_trade_no, 6900))
    shop.passes()
    assert shop.payment.state is State.PAYING
    assert shop.moved() == []


def test_staff_refuse_and_the_shopper_chooses_again_with_his_basket(shop):
    shop.goes_to_pay_cash()
    shop.staff_come()
    shop.does(RefuseCash(shop.payment.out_trade_no))
    shop.passes()
    assert shop.payment.state is State.CANCELLED
    assert (shop.screen.screen, shop.screen.due_fen) == (Screen.TENDER, 6900)
    assert shop.hints[-1] == "hint.no_cash"
    assert not shop.screen.attendant_called
    shop.does(ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    assert shop.screen.screen is Screen.DONE


def test_the_shopper_may_pay_another_way_before_staff_come(shop):
    shop.goes_to_pay_cash()
    shop.does(Back())
    shop.passes()
    assert shop.payment.state is State.CANCELLED
    assert shop.screen.screen is Screen.TENDER
    assert "hint.no_cash" not in shop.hints


def test_no_clock_ends_the_wait_for_staff(shop):
    shop.goes_to_pay_cash()
    shop.passes(300)
    shop.does(Leave())
    assert shop.screen.screen is Screen.CASH
    assert not shop.screen.still_there
    assert shop.payment.state is State.PAYING


def test_after_a_crash_staff_are_asked_and_nothing_is_reversed(shop):
    shop.goes_to_pay_cash()
    shop.restart()
    shop.passes(60)
    assert shop.screen.screen is Screen.CASH
    assert shop.screen.attendant_called
    assert not shop.screen.may_go_back
    assert shop.payment.state is State.UNKNOWN
    shop.does(Back(), Leave())
    shop.passes(60)
    assert shop.payment.state is State.UNKNOWN
    shop.staff_come()
    assert shop.screen.staff.cash.step is CashStep.ASKED


def test_after_a_crash_it_was_taken(shop):
    shop.goes_to_pay_cash()
    shop.restart()
    shop.passes(1)
    shop.staff_come()
    shop.does(TakeCash(shop.payment.out_trade_no, 7000), CloseStaff())
    shop.passes()
    assert shop.payment.state is State.PAID
    assert [body["fen"] for _, body in shop.moved()] == [6900]
    assert shop.screen.screen is Screen.DONE


def test_after_a_crash_it_was_not_taken(shop):
    shop.goes_to_pay_cash()
    shop.restart()
    shop.passes(1)
    shop.staff_come()
    shop.does(RefuseCash(shop.payment.out_trade_no))
    shop.passes()
    assert (shop.payment.state, shop.payment.code) == (State.DECLINED, "NOT_TAKEN")
    assert (shop.screen.screen, shop.screen.due_fen) == (Screen.TENDER, 6900)
    assert shop.moved() == []


def test_days_later_it_is_still_on_top_of_the_list_and_still_asked(shop):
    shop.goes_to_pay_cash()
    number = shop.payment.out_trade_no
    shop.time.seconds += 3 * DAY
    shop.restart()
    shop.passes(60)
    assert shop.screen.screen is Screen.ATTRACT
    shop.staff_come()
    row = shop.screen.staff.payments[0]
    assert (row.out_trade_no, row.state) == (number, "CASH_DUE")
    shop.does(FindPayment(number))
    shop.passes()
    assert shop.screen.staff.cash.step is CashStep.ASKED
    shop.does(RefuseCash(number), ShowPayments())
    shop.passes()
    assert shop.payments[0].state is State.DECLINED


def test_a_part_in_cash_and_the_rest_by_code(shop):
    shop.scans_milk(10)
    shop.does(Pay(), Split(), PayPart(2000), ChooseTender("cash"))
    shop.passes()
    shop.staff_come()
    assert shop.screen.staff.cash.fen == 2000
    shop.does(TakeCash(shop.payment.out_trade_no, 5000), CloseStaff())
    shop.passes()
    assert (shop.screen.screen, shop.screen.due_fen) == (Screen.TENDER, 4900)
    assert shop.screen.paid == (PaidPart("cash", 2000),)
    assert shop.slips.printed == []
    shop.does(ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    assert shop.screen.screen is Screen.DONE


def pays_cash(shop, handed=10_000):
    shop.goes_to_pay_cash()
    shop.staff_come()
    number = shop.payment.out_trade_no
    shop.does(TakeCash(number, handed))
    shop.passes()
    return number


def test_a_refund_waits_for_staff_to_pay_it_out_of_the_drawer(shop):
    number = pays_cash(shop)
    shop.does(ShowPayments(), FindPayment(number))
    shop.passes()
    shop.does(AskRefund(number, 900, 6900))
    shop.passes(2)
    cash = shop.screen.staff.cash
    assert (cash.step, cash.fen, cash.out_refund_no) == (CashStep.PAY_OUT, 900, f"{number}R1")
    assert shop.ledger.refund(f"{number}R1").state is RefundState.PROCESSING
    shop.restart()
    shop.passes(60)
    assert shop.ledger.refund(f"{number}R1").state is RefundState.PROCESSING
    shop.staff_come()
    assert shop.screen.staff.payments[0].state == "CASH_BACK"
    shop.does(FindPayment(number))
    shop.passes()
    word = PayOut(number, f"{number}R1", paid=True)
    shop.does(word, word)
    shop.passes(2)
    assert shop.ledger.refund(f"{number}R1").state is RefundState.DONE
    assert shop.moved()[1:] == [(f"{number}R1", {"why": "refund", "fen": -900})]
    assert shop.slips.drawer == [(number, "sale"), (f"{number}R1", "refund")]
    assert shop.screen.staff.page is StaffPage.PAYMENT


def test_a_refund_that_is_not_paid_out_leaves_the_drawer_alone(shop):
    number = pays_cash(shop)
    shop.does(ShowPayments(), FindPayment(number))
    shop.passes()
    shop.does(AskRefund(number, 900, 6900))
    shop.passes(2)
    shop.does(PayOut(number, f"{number}R1", paid=False))
    shop.passes(2)
    assert shop.ledger.refund(f"{number}R1").state is RefundState.CLOSED
    assert len(shop.moved()) == 1


def test_whoever_leaves_after_a_part_in_cash_gets_it_from_staff(shop):
    shop.scans_milk(10)
    shop.does(SetLanguage("en"), Pay(), Split(), PayPart(2000), ChooseTender("cash"))
    shop.passes()
    shop.staff_come()
    number = shop.payment.out_trade_no
    shop.does(TakeCash(number, 2000), CloseStaff())
    shop.passes()
    shop.does(Leave())
    assert shop.screen.screen is Screen.TROUBLE
    assert shop.screen.detail.args["todo"] == "todo.cash_back"
    assert shop.screen.attendant_called
    shop.passes(1)
    shop.staff_come()
    assert shop.screen.staff.payments[0].state == "CASH_BACK"
    shop.does(FindPayment(number))
    shop.passes()
    shop.does(PayOut(number, f"{number}R1", paid=True))
    shop.passes()
    assert sum(body["fen"] for _, body in shop.moved()) == 0
