"""The staff's screen in the core: who comes in, what is kept, what moves money, what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardware.devices import Condition, Health
from kiosk.channels.channel import OutcomeUnknown
from kiosk.domain.payment import Approved, Cancel, Declined, GiveUp, Reversed, Submit, Unclear
from kiosk.domain.refund import RefundDone, SendRefund
from kiosk.ledger import LedgerFull
from kiosk.messages import (
    Back,
    CallAttendant,
    ChooseTender,
    Consent,
    Leave,
    Pay,
    Screen,
    SetLanguage,
    Start,
    StillThere,
)
from kiosk.messages.staff import (
    AskAgain,
    AskRefund,
    CloseStaff,
    EnterPin,
    FindPayment,
    OpenStaff,
    PrintCopy,
    ShowPayments,
    StaffPage,
)
from kiosk.refunds import FoundPayment, RefundRefused

PIN = "246810"
NUMBER = "000126030112345648151623"
OTHER = "000126030112350048150001"
SHOPPER = (Submit(1), Unclear("time-out"))


def page(kiosk):
    return kiosk.screen.staff.page


# --- the door -----------------------------------------------------------------------------------


def test_the_pin_opens_and_a_wrong_one_does_not(kiosk):
    kiosk.does(OpenStaff())
    assert (kiosk.screen.screen, page(kiosk)) == (Screen.STAFF, StaffPage.PIN)
    assert kiosk.screen.said.key == "staff.pin"
    kiosk.does(EnterPin("135790"))
    assert kiosk.screen.staff.busy
    kiosk.works()
    assert (page(kiosk), kiosk.screen.said.key) == (StaffPage.PIN, "staff.pin_wrong")
    kiosk.does(EnterPin(PIN))
    kiosk.works()
    assert (page(kiosk), kiosk.screen.said.key) == (StaffPage.HOME, "staff.scan")
    assert not kiosk.screen.staff.busy


def test_without_a_pin_in_the_settings_nobody_comes_in(kiosk_with):
    kiosk = kiosk_with(pin_hash="")
    kiosk.does(OpenStaff(), EnterPin(""), EnterPin(PIN))
    kiosk.works()
    assert kiosk.screen.said.key == "staff.no_pin"
    assert kiosk.screen.staff.busy


@pytest.mark.parametrize(
    "command",
    [
        FindPayment(NUMBER),
        ShowPayments(),
        AskRefund(NUMBER, 690, 690),
        AskAgain(NUMBER),
        PrintCopy(NUMBER),
    ],
)
def test_before_the_pin_nothing_is_told_and_nothing_done(kiosk, paid, command):
    paid(NUMBER)
    kiosk.does(command, OpenStaff(), command)
    kiosk.checkout.scanned(NUMBER)
    kiosk.works()
    assert page(kiosk) is StaffPage.PIN
    assert kiosk.screen.staff.payments == kiosk.screen.staff.parts == ()
    assert kiosk.cashbox.found == kiosk.cashbox.requests == kiosk.slips.printed == []


def test_five_wrong_tries_lock_the_door_for_five_minutes_however_fast_they_come(kiosk):
    for _ in range(10):  # answers are not waited for, and the screen is closed in between
        kiosk.does(OpenStaff(), EnterPin("135790"), EnterPin("135790"), CloseStaff())
    assert len(kiosk.work) == 5
    kiosk.works()
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    assert kiosk.screen.said.key == "staff.locked"
    assert kiosk.screen.said.args == {"minutes": "5"}
    for _ in range(6):
        kiosk.passes(50)
        kiosk.does(StillThere())
    kiosk.does(EnterPin(PIN))
    kiosk.works()
    assert page(kiosk) is StaffPage.HOME


def test_an_answer_to_a_door_that_was_closed_opens_nothing(kiosk):
    kiosk.does(OpenStaff(), EnterPin(PIN), CloseStaff())
    kiosk.works()
    assert kiosk.screen.screen is Screen.ATTRACT
    kiosk.does(OpenStaff())
    kiosk.works()
    assert page(kiosk) is StaffPage.PIN


def test_what_staff_did_is_in_the_ledger_and_the_pin_is_not(inside):
    entries = inside.ledger.unsent("test", 100)
    assert [(each.kind, each.body) for each in entries][-1] == ("staff", {"did": "signed in"})
    assert not any(PIN in str(each.body) for each in entries)


def test_a_minute_without_a_touch_closes_the_screen(inside):
    inside.passes(59)
    inside.does(StillThere())
    inside.passes(59)
    assert inside.screen.screen is Screen.STAFF
    inside.passes(1)
    assert inside.screen.screen is Screen.ATTRACT
    inside.does(FindPayment(NUMBER))
    assert inside.work == []


# --- the visit underneath -----------------------------------------------------------------------


def test_a_basket_is_kept_and_goods_do_not_go_into_it(kiosk):
    kiosk.does(Start())
    kiosk.checkout.scanned("6901000000042")
    before = kiosk.screen
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    kiosk.checkout.scanned("6901000000042")
    kiosk.works()
    assert kiosk.hinted == "staff.not_found"
    kiosk.does(Pay(), Leave(), Start(), Back(), CallAttendant())
    for _ in range(5):
        kiosk.passes(30)
        kiosk.does(StillThere())
    kiosk.does(CloseStaff())
    assert kiosk.screen == before
    kiosk.passes(59)
    assert not kiosk.screen.still_there


def test_the_camera_never_looks_at_the_staff(kiosk):
    kiosk.does(Start())
    kiosk.checkout.scanned("6901000000042")
    kiosk.does(Pay(), ChooseTender("face"), Consent("2026-11"))
    assert kiosk.screen.screen is Screen.FACE
    number = kiosk.faces.looking
    kiosk.does(OpenStaff())
    assert kiosk.faces.looking is None
    assert kiosk.ledger.payment(number).state.name == "CANCELLED"
    kiosk.does(CloseStaff())
    assert kiosk.screen.screen is Screen.TENDER


def test_a_visit_that_was_paid_meanwhile_says_so_when_the_staff_are_gone(kiosk):
    kiosk.does(Start())
    kiosk.checkout.scanned("6901000000042")
    kiosk.does(Pay(), ChooseTender("code"))
    kiosk.checkout.scanned("130000000000000001")
    (payment,) = kiosk.jobs.paid
    kiosk.does(OpenStaff())
    done = kiosk.ledger.record(payment.out_trade_no, Approved("T1", 690))
    kiosk.checkout.payment_changed(done)
    assert kiosk.screen.screen is Screen.STAFF
    assert kiosk.slips.printed == [(payment.out_trade_no, "slip", "zh")]
    kiosk.passes(30)
    kiosk.does(CloseStaff())
    assert (kiosk.screen.screen, kiosk.screen.said.key) == (Screen.DONE, "say.paid")
    assert kiosk.screen.seconds_left >= 5


def test_the_language_can_be_changed_there(inside):
    inside.does(SetLanguage("en"))
    assert (inside.screen.screen, inside.screen.language) == (Screen.STAFF, "en")


# --- the list -----------------------------------------------------------------------------------


def test_what_is_open_comes_first_and_what_was_never_sent_is_left_out(kiosk, clock, sell, paid):
    paid("1")
    clock.ahead = 60
    sell("2", *SHOPPER)
    clock.ahead = 120
    sell("3", Submit(1), Declined("NOTENOUGH"))
    sell("4", Cancel("left"))
    sell("5")
    clock.ahead = 300
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    rows = kiosk.screen.staff.payments
    assert [(row.out_trade_no, row.state, row.minutes) for row in rows] == [
        ("2", "UNKNOWN", 4),
        ("3", "DECLINED", None),
        ("1", "PAID", None),
    ]
    assert rows[0].at == "12:55"


def test_the_list_follows_a_payment_and_yesterdays_are_not_in_it(kiosk, clock, sell, paid):
    paid("1")
    clock.ahead = 86_400
    sell("2", *SHOPPER)
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    assert [row.out_trade_no for row in kiosk.screen.staff.payments] == ["2"]
    kiosk.checkout.payment_changed(kiosk.ledger.record("2", Approved("T2", 690)))
    assert [(row.state, row.minutes) for row in kiosk.screen.staff.payments] == [("PAID", None)]


def test_ages_and_devices_are_shown_anew_only_when_they_changed(inside, sell):
    inside.checkout.payment_changed(sell("1", *SHOPPER))
    shown = len(inside.shown)
    inside.passes(1)
    assert len(inside.shown) == shown
    inside.devices.found["scanner"] = Health(Condition.BAD, "no answer", "Check the cable")
    inside.passes(1)
    assert len(inside.shown) == shown + 1
    first = inside.screen.staff.parts[0]
    assert (first.name, first.condition) == ("scanner", "bad")
    assert (first.cause, first.mend) == ("no answer", "Check the cable")


def test_every_part_says_how_it_is(inside):
    inside.faces.state = (False, "no camera")
    inside.jobs.troubles["wechatpay"] = OutcomeUnknown("time-out", "Check the line")
    inside.devices.found["scanner"] = Health(Condition.UNKNOWN, "not opened yet")
    inside.passes(1)
    parts = {part.name: part for part in inside.screen.staff.parts}
    assert [part.condition for part in inside.screen.staff.parts] == [
        "bad", "bad", "unknown", "good",
    ]  # fmt: skip
    assert (parts["camera"].cause, parts["camera"].mend) == ("no camera", "Plug it in")
    assert (parts["wechatpay"].cause, parts["wechatpay"].mend) == ("time-out", "Check the line")
    assert parts["ledger"].condition == "good"


class FullLedger:
    """The ledger on a disk that takes no more and gives nothing either."""

    def __init__(self, ledger):
        self.unsettled, self.payment = ledger.unsettled, ledger.payment
        self.clock_ms, self.unsettled_refunds = ledger.clock_ms, ledger.unsettled_refunds

    def append(self, kind, key, body):
        raise LedgerFull("no room")

    def recent(self, since_ms, limit):
        raise LedgerFull("no room")


def test_the_staff_come_in_although_the_ledger_is_in_trouble(kiosk_with, ledger):
    kiosk = kiosk_with()
    kiosk.attendant._till.ledger = FullLedger(ledger)
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    assert page(kiosk) is StaffPage.HOME


# --- one payment --------------------------------------------------------------------------------


def look_at(kiosk, number=NUMBER):
    kiosk.checkout.scanned(number)
    kiosk.works()
    return kiosk.screen.staff.payment


@pytest.mark.parametrize(
    "text", [NUMBER, f" kiosk:{NUMBER}\r", "48151623", "1623"], ids=["bar", "qr", "eight", "four"]
)
def test_a_payment_is_found_by_its_slip_and_by_its_last_digits(kiosk, paid, text):
    paid(NUMBER)
    paid(OTHER)
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    shown = look_at(kiosk, text)
    assert (shown.out_trade_no, shown.paid_fen, shown.left_fen) == (NUMBER, 690, 690)
    assert shown.may == ("refund", "copy")
    assert kiosk.screen.said.key == "staff.money.taken"
    assert kiosk.screen.detail.key == "staff.state.paid"
    kiosk.does(ShowPayments())
    assert page(kiosk) is StaffPage.PAYMENTS


@pytest.mark.parametrize("text", ["130000000000000001", "6212345678901234567", "hello", "12"])
def test_a_payment_code_and_what_is_no_number_are_asked_of_nobody(inside, text):
    inside.checkout.scanned(text)
    inside.works()
    assert inside.hinted == "staff.not_a_number"
    assert inside.cashbox.found == []


def test_the_last_digits_of_two_payments_find_neither(kiosk, paid):
    paid("000126030112345648151111")
    paid("000126030112345748151111")
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    kiosk.does(FindPayment("1111"))
    assert kiosk.hinted == "staff.not_found"


def test_a_channel_that_does_not_answer_is_told_with_its_mend(inside):
    inside.cashbox.raises = OutcomeUnknown("time-out", "Check the line")
    inside.checkout.scanned(NUMBER)
    assert inside.screen.staff.busy
    inside.works()
    assert inside.hinted == "staff.line"
    assert inside.shown[-1].said.args == {"cause": "time-out", "mend": "Check the line"}
    assert not inside.screen.staff.busy


def test_a_defect_is_told_and_the_screen_goes_on(inside):
    inside.cashbox.raises = ZeroDivisionError()
    inside.checkout.scanned(NUMBER)
    inside.works()
    assert inside.hinted == "staff.failed"
    assert not inside.screen.staff.busy


@pytest.mark.parametrize(
    ("events", "said", "may"),
    [
        (SHOPPER, "checking", ("again",)),
        ((*SHOPPER, GiveUp("spent")), "undoing", ("again",)),
        ((*SHOPPER, GiveUp("spent"), Reversed()), "undone", ()),
        ((Submit(1), Declined("NOTENOUGH")), "none", ()),
    ],
)
def test_what_became_of_the_money_is_said_and_only_what_fits_is_offered(
    inside, sell, events, said, may
):
    sell(NUMBER, *events)
    shown = look_at(inside)
    assert inside.screen.said.key == f"staff.money.{said}"
    assert shown.may == may
    assert (shown.asked_fen, shown.paid_fen) == (690, 0)


def test_an_unclear_payment_is_asked_about_and_shown_when_it_is_known(inside, sell):
    sell(NUMBER, *SHOPPER)
    look_at(inside)
    inside.does(AskAgain(NUMBER))
    inside.works()
    assert inside.jobs.asked == [NUMBER]
    inside.checkout.payment_changed(inside.ledger.record(NUMBER, Approved("T1", 690)))
    inside.works()
    assert inside.screen.said.key == "staff.money.taken"


def test_a_copy_is_printed_in_the_language_of_the_screen_and_its_end_is_told(inside, paid):
    paid(NUMBER)
    inside.does(SetLanguage("en"))
    look_at(inside)
    inside.does(PrintCopy(NUMBER))
    assert inside.slips.printed == [(NUMBER, "copy", "en")]
    assert inside.hinted == "staff.copying"
    inside.checkout.slip(f"{NUMBER}/copy-1", "failed")
    assert inside.hinted == "staff.copy_failed"
    inside.checkout.slip(f"{NUMBER}/copy-2", "taken")
    assert inside.hinted == "staff.copy_printed"


def test_there_is_no_copy_of_what_was_not_paid(inside, sell):
    sell(NUMBER, *SHOPPER)
    look_at(inside)
    inside.does(PrintCopy(NUMBER))
    assert inside.slips.printed == []


# --- money back ---------------------------------------------------------------------------------


def test_a_refund_is_asked_for_once_however_often_it_is_touched(inside, paid):
    paid(NUMBER)
    look_at(inside)
    inside.does(AskRefund(NUMBER, 690, 690), AskRefund(NUMBER, 690, 690))
    inside.works()
    inside.does(AskRefund(NUMBER, 690, 690))
    inside.works()
    assert inside.cashbox.requests == [(NUMBER, 690)]
    assert inside.hinted == "refund.changed"
    shown = inside.screen.staff.payment
    assert [(row.state, row.fen) for row in shown.refunds] == [("REQUESTED", 690)]
    assert (shown.refunded_fen, shown.left_fen, shown.may) == (690, 0, ("again", "copy"))


def test_every_step_of_a_refund_is_shown(inside, paid):
    paid(NUMBER)
    look_at(inside)
    inside.does(AskRefund(NUMBER, 200, 690))
    inside.works()
    assert inside.screen.detail.key == "refund.requested"
    for event, key in ((SendRefund(1), "refund.sent"), (RefundDone("50", 200), "refund.done")):
        inside.attendant.refund_changed(inside.ledger.record_refund(f"{NUMBER}R1", event))
        inside.works()
        assert inside.screen.detail.key == key
    assert inside.screen.staff.payment.left_fen == 490
    assert "refund" in inside.screen.staff.payment.may


def test_a_refund_that_was_asked_for_is_made_although_the_staff_have_gone(inside, paid):
    paid(NUMBER)
    look_at(inside)
    inside.does(AskRefund(NUMBER, 690, 690), CloseStaff())
    inside.works()
    assert inside.cashbox.requests == [(NUMBER, 690)]
    assert inside.screen.screen is Screen.ATTRACT


@pytest.mark.parametrize("fen", [0, -1])
def test_no_money_does_not_go_back(inside, paid, fen):
    paid(NUMBER)
    look_at(inside)
    inside.does(AskRefund(NUMBER, fen, 690))
    inside.works()
    assert inside.cashbox.requests == []


def test_a_refund_of_another_payment_than_is_shown_is_dropped(inside, paid):
    paid(NUMBER)
    paid(OTHER)
    look_at(inside)
    inside.does(AskRefund(OTHER, 690, 690))
    inside.works()
    assert inside.cashbox.requests == []


@pytest.mark.parametrize("key", ["too_much", "not_paid", "over_limit", "open"])
def test_why_a_refund_is_refused_is_said(inside, paid, key):
    paid(NUMBER)
    look_at(inside)
    inside.cashbox.raises = RefundRefused(f"refund.{key}")
    inside.does(AskRefund(NUMBER, 690, 690))
    inside.works()
    assert inside.hinted == f"refund.{key}"
    assert inside.shown[-1].said.args == {"limit": "500.00"}


def test_an_open_refund_is_asked_about_with_its_payment(inside, paid):
    paid(NUMBER)
    look_at(inside)
    inside.does(AskRefund(NUMBER, 690, 690))
    inside.works()
    inside.does(AskAgain(NUMBER))
    assert inside.cashbox.again_asked == [f"{NUMBER}R1"]
    assert inside.jobs.asked == []


def test_a_payment_of_another_till_is_shown_without_a_slip(inside):
    other = FoundPayment("4200002311202603015678901234", "T9", 690, 0, (), None, 0, "wechatpay")
    inside.cashbox.elsewhere[other.out_trade_no] = other
    shown = look_at(inside, other.out_trade_no)
    assert (shown.state, shown.at, shown.may) == ("", "", ("refund", "again"))
    assert inside.screen.said.key == "staff.money.elsewhere"
    gone = replace(other, refunded_fen=690)
    inside.cashbox.elsewhere[other.out_trade_no] = gone
    inside.does(AskAgain(other.out_trade_no))
    inside.works()
    assert inside.screen.said.key == "staff.money.given_back"


def test_news_of_what_is_not_looked_at_any_more_does_not_bring_it_back(inside, paid):
    payment = paid(NUMBER)
    look_at(inside)
    inside.checkout.payment_changed(payment)
    inside.does(ShowPayments())
    inside.works()
    assert page(inside) is StaffPage.PAYMENTS
