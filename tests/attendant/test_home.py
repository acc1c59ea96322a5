"""The visit underneath in the hands of the staff: cleared, parked, resumed; and a till closed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, PriceBook, Product
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined
from kiosk.goods import Shelf
from kiosk.messages import CallAttendant, ChooseTender, Leave, Pay, PayPart, Screen, Split, Start
from kiosk.messages.shift import (
    CloseTill,
    DropParked,
    OpenTill,
    ParkVisit,
    ResumeParked,
    VoidVisit,
)
from kiosk.messages.staff import CloseStaff, EnterPin, OpenStaff, StaffPage, TurnTo

PIN = "246810"
MILK = "6901000000042"
CODE = "134567890123456789"
DAY = 86_400.0


def comes_in(kiosk):
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()


def fills(kiosk, times=1):
    for _ in range(times):
        kiosk.checkout.scanned(MILK)


def did(kiosk):
    return [x.body["did"] for x in kiosk.ledger.unsent("t", 500) if x.kind == "staff"]


@pytest.fixture
def watched(kiosk):
    """Staff before a kiosk at which somebody has two packs of milk in his basket."""
    fills(kiosk, 2)
    comes_in(kiosk)
    return kiosk


def visit(kiosk):
    return kiosk.screen.staff.visit


def parked(kiosk):
    """The basket is put aside; its number."""
    kiosk.does(ParkVisit(visit(kiosk).visit_id))
    (row,) = kiosk.screen.staff.parked
    return row.number


# --- what is seen of it -------------------------------------------------------------------------


def test_the_first_page_says_what_goes_on_underneath(watched):
    assert watched.screen.staff.page is StaffPage.HOME
    seen = visit(watched)
    assert (seen.screen, seen.count, seen.total_fen, seen.paid_fen) == ("BASKET", 2, 1380, 0)
    assert seen.may == ("void", "park")


def test_nobody_underneath_is_nothing_to_clear_or_to_park(inside):
    assert visit(inside) is None
    inside.does(VoidVisit("v1"), ParkVisit("v1"))
    assert visit(inside) is None
    assert inside.screen.staff.parked == ()


def test_staff_see_for_how_long_help_was_called(kiosk):
    fills(kiosk)
    kiosk.does(CallAttendant())
    kiosk.clock.ahead += 130
    comes_in(kiosk)
    assert kiosk.screen.staff.called == 2
    kiosk.does(CloseStaff())
    assert not kiosk.screen.attendant_called
    comes_in(kiosk)
    assert kiosk.screen.staff.called is None


def test_before_the_pin_nothing_is_cleared_parked_or_closed(kiosk):
    fills(kiosk)
    who = kiosk.counter.visit.visit_id
    kiosk.does(OpenStaff(), VoidVisit(who), ParkVisit(who), CloseTill("break"), TurnTo(
        StaffPage.REPORT))  # fmt: skip
    kiosk.does(CloseStaff(), VoidVisit(who), ParkVisit(who), CloseTill("break"))
    assert kiosk.screen.screen is Screen.BASKET
    assert kiosk.screen.count == 1
    assert kiosk.till.closing.why == ""
    assert kiosk.parking.all() == ()


# --- cleared ------------------------------------------------------------------------------------


def test_a_cleared_basket_is_gone_and_written_down(watched):
    watched.does(VoidVisit(visit(watched).visit_id))
    assert watched.hinted == "staff.voided"
    assert visit(watched) is None
    watched.does(CloseStaff())
    assert watched.screen.screen is Screen.ATTRACT
    assert did(watched) == ["signed in", "voided"]


def test_a_touch_meant_for_the_visit_before_clears_nothing(watched):
    watched.does(VoidVisit("another"), ParkVisit("another"))
    assert visit(watched).count == 2


def test_parts_that_were_paid_go_back_when_the_basket_is_cleared(kiosk):
    fills(kiosk, 2)
    kiosk.does(Pay(), Split(), PayPart(500), ChooseTender("code"))
    kiosk.checkout.scanned(CODE)
    (payment,) = kiosk.jobs.paid
    kiosk.checkout.payment_changed(kiosk.ledger.record(payment.out_trade_no, Approved("T1", 500)))
    comes_in(kiosk)
    assert (visit(kiosk).paid_fen, visit(kiosk).may) == (500, ("void",))
    kiosk.does(ParkVisit(visit(kiosk).visit_id))
    assert kiosk.parking.all() == ()
    kiosk.does(VoidVisit(visit(kiosk).visit_id))
    assert kiosk.hinted == "staff.void_back"
    (due,) = kiosk.ledger.refunds_due()
    assert (due.out_trade_no, due.fen) == (payment.out_trade_no, 500)
    kiosk.does(CloseStaff())
    assert kiosk.screen.said.key == "say.abandoned"


def test_while_an_outcome_is_open_nothing_can_be_done_with_the_visit(kiosk):
    fills(kiosk)
    kiosk.does(Pay(), ChooseTender("code"))
    kiosk.checkout.scanned(CODE)
    comes_in(kiosk)
    seen = visit(kiosk)
    assert (seen.screen, seen.may) == ("WAITING", ())
    kiosk.does(VoidVisit(seen.visit_id), ParkVisit(seen.visit_id))
    assert visit(kiosk) == seen


def test_what_is_paid_can_neither_be_cleared_nor_parked(kiosk):
    fills(kiosk)
    kiosk.does(Pay(), ChooseTender("code"))
    kiosk.checkout.scanned(CODE)
    (payment,) = kiosk.jobs.paid
    kiosk.checkout.payment_changed(kiosk.ledger.record(payment.out_trade_no, Approved("T1", 690)))
    comes_in(kiosk)
    assert (visit(kiosk).screen, visit(kiosk).may) == ("DONE", ())


# --- put aside, and gone on with ----------------------------------------------------------------


def test_a_parked_basket_lets_another_go_first_and_stands_there_again_as_it_was(watched):
    number = parked(watched)
    (key, slip) = watched.slips.papers[0]
    assert key == f"parked/{number}"
    assert any(getattr(each, "data", "") == number for each in slip)
    watched.does(CloseStaff())
    assert watched.screen.screen is Screen.ATTRACT
    fills(watched)
    watched.does(Leave())
    comes_in(watched)
    watched.does(TurnTo(StaffPage.PARKED))
    assert watched.screen.said.key == "staff.park.scan"
    (row,) = watched.screen.staff.parked
    assert (row.number, row.count, row.fen) == (number, 2, 1380)
    watched.does(ResumeParked(number))
    assert watched.screen.screen is Screen.BASKET
    assert (watched.screen.count, watched.screen.total_fen) == (2, 1380)
    assert watched.parking.all() == ()
    assert did(watched) == ["signed in", "parked", "signed in", "resumed"]


def test_the_slip_of_a_parked_basket_is_scanned_from_any_page_of_the_staff(watched):
    number = parked(watched)
    watched.does(TurnTo(StaffPage.PAYMENTS))
    watched.checkout.scanned(number)
    assert watched.screen.screen is Screen.BASKET
    watched.checkout.scanned(number)  # the shopper plays with it
    assert watched.hinted == "hint.parked"
    assert watched.screen.count == 2


def test_a_basket_is_taken_back_once(watched):
    number = parked(watched)
    watched.does(ResumeParked(number), Leave())
    comes_in(watched)
    watched.does(ResumeParked(number))
    assert watched.hinted == "staff.park.unknown"
    assert visit(watched) is None


def test_nobody_is_put_before_another_shopper(watched):
    number = parked(watched)
    watched.does(CloseStaff())
    fills(watched)
    comes_in(watched)
    watched.does(ResumeParked(number))
    assert watched.hinted == "staff.park.not_free"
    assert visit(watched).count == 1
    assert len(watched.screen.staff.parked) == 1


def test_whoever_has_taken_nothing_yet_makes_room(watched):
    number = parked(watched)
    watched.does(CloseStaff(), Start())
    comes_in(watched)
    watched.does(ResumeParked(number))
    assert watched.screen.count == 2


def test_a_declined_payment_does_not_keep_a_basket_from_being_parked(kiosk):
    fills(kiosk)
    kiosk.does(Pay(), ChooseTender("code"))
    kiosk.checkout.scanned(CODE)
    (payment,) = kiosk.jobs.paid
    kiosk.checkout.payment_changed(kiosk.ledger.record(payment.out_trade_no, Declined("NOTENOUGH")))
    comes_in(kiosk)
    number = parked(kiosk)
    kiosk.does(ResumeParked(number), Pay())
    assert kiosk.screen.screen is Screen.TENDER
    kiosk.clock.ahead += 1  # another second is another number
    kiosk.does(ChooseTender("code"))
    kiosk.checkout.scanned("134567890123456780")
    assert len(kiosk.jobs.paid) == 2


def cheaper(kiosk, *products):
    kiosk.checkout._shelf = Shelf(PriceBook(products), ())


NOW_790 = Product("牛奶", "Milk", Money(790), Gtin.parse(MILK), tax_bp=900)


def test_on_the_same_day_a_basket_keeps_its_prices_and_tomorrow_it_has_new_ones(watched):
    number = parked(watched)
    cheaper(watched, NOW_790)
    watched.does(ResumeParked(number))
    assert watched.screen.total_fen == 1380
    comes_in(watched)
    number = parked(watched)
    watched.passes(DAY)
    comes_in(watched)
    watched.does(ResumeParked(number))
    assert watched.screen.total_fen == 1580
    assert watched.hinted == "staff.park.anew"


def test_what_is_not_sold_any_more_is_left_out_and_named(watched):
    watched.checkout.scanned(MILK)
    number = parked(watched)
    cheaper(watched, replace(NOW_790, gtin=Gtin.parse("6923000000037")))
    watched.passes(DAY)
    comes_in(watched)
    watched.does(ResumeParked(number))
    assert watched.hinted == "staff.park.nothing_left"
    assert len(watched.screen.staff.parked) == 1
    watched.does(DropParked(number))
    assert watched.screen.staff.parked == ()
    assert did(watched)[-1] == "parked basket dropped"


def test_a_crash_leaves_a_basket_at_the_counter_or_parked_and_never_both(
    kiosk_with, watched, tmp_path
):
    number = parked(watched)
    watched.does(ResumeParked(number))
    # The power goes between the two: the file still has it, and so has the counter.
    kept = watched.counter.visit
    watched.parking.put(replace(kept), watched.clock.wall_ms())
    again = kiosk_with()
    assert len(again.parking.all()) == 1
    again.checkout.restore(kept, slip_owed=False)
    assert again.screen.count == 2
    assert again.parking.all() == ()


def test_parked_baskets_outlive_a_crash_and_their_numbers_are_not_given_again(kiosk_with, watched):
    number = parked(watched)
    again = kiosk_with()
    comes_in(again)
    assert [row.number for row in again.screen.staff.parked] == [number]
    again.does(DropParked(number), CloseStaff())
    fills(again)
    comes_in(again)
    assert parked(again) != number


@pytest.mark.parametrize("text", ["{", "[]", '{"next": 1, "baskets": [{}]}', '{"next": "x"}'])
def test_a_file_that_cannot_be_read_keeps_nobody_from_selling(kiosk_with, tmp_path, text):
    (tmp_path / "parked.json").write_text(text)
    kiosk = kiosk_with()
    assert kiosk.parking.all() == ()


def test_a_basket_that_cannot_be_read_stays_where_it_is(kiosk_with, watched, tmp_path):
    number = parked(watched)
    path = tmp_path / "parked.json"
    body = json.loads(path.read_text())
    body["baskets"][0]["visit"]["basket"]["total_fen"] = 1
    path.write_text(json.dumps(body))
    again = kiosk_with()
    comes_in(again)
    again.does(ResumeParked(number))
    assert again.hinted == "staff.failed"
    assert len(again.screen.staff.parked) == 1


def test_a_full_list_takes_no_more(watched):
    for _ in range(50):
        watched.parking.put(replace(watched.counter.visit), watched.clock.wall_ms())
    watched.does(ParkVisit(visit(watched).visit_id))
    assert watched.hinted == "staff.park.full"
    assert visit(watched).count == 2


def test_the_shop_may_be_gone_from_a_slip_and_the_number_is_still_there(watched):
    number = parked(watched)
    watched.attendant.printed(f"parked/{number}", "failed")
    assert watched.hinted == "staff.not_printed"
    watched.attendant.printed(f"parked/{number}", "taken")
    assert watched.hinted == "staff.printed"


# --- a closed till ------------------------------------------------------------------------------


def test_a_closed_till_says_why_lets_nobody_begin_and_opens_again(inside, kiosk_with):
    inside.does(CloseTill("cleaning"))
    assert inside.screen.staff.closed == "cleaning"
    inside.does(CloseStaff())
    assert (inside.screen.screen, inside.screen.said.key) == (Screen.OUT_OF_ORDER, "out.closed")
    assert inside.screen.detail.key == "staff.why.cleaning"
    inside.does(Start())
    fills(inside)
    assert inside.screen.screen is Screen.OUT_OF_ORDER
    again = kiosk_with()  # it outlives a restart
    assert again.screen.said.key == "out.closed"
    comes_in(inside)
    inside.does(OpenTill(), CloseStaff())
    assert inside.screen.screen is Screen.ATTRACT
    assert did(inside).count("till closed") == did(inside).count("till opened") == 1


def test_a_visit_that_is_under_way_ends_as_it_would_in_a_till_that_is_closed(watched):
    watched.does(CloseTill("break"), CloseStaff())
    assert watched.screen.screen is Screen.BASKET
    watched.does(Leave())
    assert watched.screen.screen is Screen.OUT_OF_ORDER


def test_a_reason_that_is_none_closes_nothing(inside):
    inside.does(CloseTill("because"))
    assert inside.till.closing.why == ""


def test_an_empty_basket_is_not_parked(kiosk):
    kiosk.does(Start())
    comes_in(kiosk)
    assert visit(kiosk).may == ("void",)
    assert kiosk.counter.visit.basket == Basket()
