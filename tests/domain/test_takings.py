"""X and Z: tables of what is counted where, and the law that no entry is counted twice or never."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.entry import follow
from kiosk.domain.money import Money
from kiosk.domain.order import Voucher, totals, totals_to_json
from kiosk.domain.payment import (
    Approved,
    Declined,
    FoundPaid,
    GiveUp,
    Method,
    Payment,
    Reversed,
    Submit,
    Unclear,
    event_to_json,
    payment_to_json,
)
from kiosk.domain.refund import (
    Refund,
    RefundClosed,
    RefundDone,
    SendRefund,
    refund_event_to_json,
    refund_to_json,
)
from kiosk.domain.takings import NONE, Sum, Takings, add_up
from kiosk.domain.till_report import lines, report_of

AT = 1_772_340_896_000
MILK = Product("牛奶", "Milk", Money(690), Gtin.parse("6901000000042"), tax_bp=900)
TEA = Product("绿茶", "Green tea", Money(350), Gtin.parse("6901234567892"), tax_bp=1300)


class Book:
    """A ledger in memory, and what it adds up to."""

    def __init__(self):
        self.entries, self.takings = [], Takings()

    def write(self, kind, key, body):
        last = self.entries[-1] if self.entries else None
        at_ms = AT + 60_000 * len(self.entries)
        entry = follow(last, at_ms, kind, key, body)
        self.entries.append(entry)
        self.takings.take(entry)
        return entry

    def pay(self, number, *events, basket=None, fen=None, method=Method.CODE, paid=(), visit="v"):
        priced = totals(basket or Basket().add(MILK))
        body = totals_to_json(priced)
        if paid:
            body["paid"] = [{"out_trade_no": each, "fen": part} for each, part in paid]
        fen = priced.total.fen if fen is None else fen
        channel = "cash" if method is Method.CASH else "wechatpay"
        payment = Payment(number, visit, channel, method, Money(fen), AT)
        self.write("payment_opened", number, {"payment": payment_to_json(payment), "basket": body})
        for event in events:
            self.write("payment", number, event_to_json(event))

    def go_on(self, number, *events):
        for event in events:
            self.write("payment", number, event_to_json(event))

    def refund(self, number, fen, *events, channel="wechatpay"):
        refund = Refund(f"{number}R1", number, channel, Money(690), Money(fen), "r", AT)
        self.write("refund_opened", refund.out_refund_no, {"refund": refund_to_json(refund)})
        for event in events:
            self.write("refund", refund.out_refund_no, refund_event_to_json(event))

    def z(self):
        return self.write("z", "z", self.takings.closing())

    @property
    def x(self):
        return report_of(self.takings.closing(), AT, closed=False)


@pytest.fixture
def book():
    return Book()


OK = (Submit(1), Approved("T", 690))


def test_a_sale_is_counted_with_its_tender_its_discount_and_its_taxes(book):
    priced = totals(Basket().add(MILK).add(TEA, 2), vouchers=[Voucher("券", "Voucher", Money(100))])
    body, payment = (
        totals_to_json(priced),
        Payment("n1", "v", "wechatpay", Method.FACE, priced.total, AT),
    )
    book.write("payment_opened", "n1", {"payment": payment_to_json(payment), "basket": body})
    book.go_on("n1", Submit(1), Approved("T", priced.total.fen))
    taxes = {part.rate_bp: part for part in priced.taxes}
    assert book.takings.sums == {
        "paid/wechatpay/FACE": Sum(1, 1290),
        "sale": Sum(1, 1290),
        "saved": Sum(1, 100),
        "gross/900": Sum(1, taxes[900].gross.fen),
        "tax/900": Sum(1, taxes[900].tax.fen),
        "gross/1300": Sum(1, taxes[1300].gross.fen),
        "tax/1300": Sum(1, taxes[1300].tax.fen),
    }
    assert taxes[900].gross.fen + taxes[1300].gross.fen == 1290


@pytest.mark.parametrize(
    ("events", "sums", "grand"),
    [
        ((), {}, NONE),
        ((Submit(1),), {}, NONE),
        ((Submit(1), Unclear("x")), {}, NONE),
        ((Submit(1), Declined("NO")), {"declined": Sum(1, 690)}, NONE),
        ((Submit(1), Unclear("x"), GiveUp("y"), Reversed()), {"reversed": Sum(1, 690)}, NONE),
        (
            (Submit(1), Unclear("x"), GiveUp("y"), FoundPaid("T", 600)),
            {"late": Sum(1, 600)},
            Sum(1, 600),
        ),
    ],
)
def test_what_is_not_a_sale_is_none(book, events, sums, grand):
    book.pay("n1", *events)
    assert book.takings.sums == sums
    assert book.takings.grand == grand
    assert book.x.of("sale") == NONE


def test_money_paid_beside_a_payment_is_told_apart_and_a_late_one_is_not_counted_twice(book):
    book.pay("n1", Submit(1), Unclear("x"), GiveUp("y"), FoundPaid("T", 690))
    due = {"transaction_id": "T", "fen": 690, "reason": "paid late"}
    book.write("refund_due", "n1", due)
    book.write("refund_due", "n2", {**due, "reason": "n2: DECLINED, yet paid"})
    assert book.takings.sums == {"late": Sum(1, 690), "beside": Sum(1, 690)}
    assert book.x.taken == book.takings.grand == Sum(2, 1380)


def test_parts_are_taken_when_they_are_paid_and_sold_when_the_basket_is(book):
    basket = Basket().add(MILK)
    book.pay("n1", Submit(1), Approved("T1", 500), basket=basket, fen=500)
    assert book.takings.parts == {"n1": 500}
    assert book.x.parts == Sum(1, 500)
    assert book.x.of("sale") == NONE
    book.z()
    book.pay("n2", Submit(1), Approved("T2", 190), basket=basket, fen=190, paid=[("n1", 500)])
    assert book.takings.parts == {}
    assert book.x.of("sale") == Sum(1, 690)
    assert book.x.taken == Sum(1, 190)


def test_parts_of_a_basket_that_was_given_up_wait_no_more(book):
    book.pay("n1", Submit(1), Approved("T1", 500), fen=500)
    book.write("abandoned", "v", {"reason": "left", "parts": ["n1"]})
    book.write("refund_due", "n1", {"transaction_id": "T1", "fen": 500, "reason": "abandoned"})
    assert book.takings.parts == {}
    assert book.x.of("abandoned") == Sum(1, 500)
    assert book.x.taken == Sum(1, 500)


def test_a_refund_counts_when_it_is_done_and_not_before(book):
    book.pay("n1", *OK)
    book.refund("n1", 200, SendRefund(1))
    assert (book.x.back, book.x.refunds_open) == (NONE, Sum(1, 200))
    book.write("refund", "n1R1", refund_event_to_json(RefundDone("R", 200)))
    assert (book.x.back, book.x.refunds_open) == (Sum(1, 200), NONE)
    assert book.takings.sums["back/wechatpay"] == Sum(1, 200)
    book.refund("n2", 300, SendRefund(1), RefundClosed("NO"))
    assert book.x.back == Sum(1, 200)


def test_what_is_open_at_the_end_of_a_period_is_counted_in_the_one_where_it_ends(book):
    book.pay("n1", Submit(1), Unclear("x"))
    book.refund("n0", 100, SendRefund(1))
    assert book.x.open == Sum(1, 690)
    book.z()
    assert (book.x.open, book.x.refunds_open) == (Sum(1, 690), Sum(1, 100))
    book.go_on("n1", Approved("T", 690))
    book.write("refund", "n0R1", refund_event_to_json(RefundDone("R", 100)))
    assert book.x.of("sale") == Sum(1, 690)
    assert (book.x.open, book.x.back) == (NONE, Sum(1, 100))


def test_each_z_has_the_next_number_and_the_grand_totals_never_begin_anew(book):
    book.pay("n1", *OK)
    book.refund("n1", 90, SendRefund(1), RefundDone("R", 90))
    first = book.z()
    second = book.z()
    book.pay("n2", *OK)
    third = book.z()
    assert [each.body["number"] for each in (first, second, third)] == [1, 2, 3]
    assert second.body["sums"] == {}
    assert third.body["grand"] == [2, 1380]
    assert third.body["grand_back"] == [1, 90]
    assert third.body["since_ms"] == second.at_ms


def test_the_drawer_holds_what_came_in_less_what_went_out(book):
    for why, fen in (("float", 20_000), ("sale", 690), ("refund", -90), ("pay_out", -10_000)):
        book.write("cash_moved", "k", {"why": why, "fen": fen})
    book.write("cash_moved", "k", {"why": "count", "fen": -100})
    book.write("cash_moved", "k", {"why": "count", "fen": 0})
    drawer = {"kind": "drawer", "body": {"why": "no_sale"}}
    book.write("delivery_started", "k/drawer-1", drawer)
    book.write("delivery_started", "k", {"kind": "slip", "body": {}})
    assert book.takings.cash_fen == 20_000 + 690 - 90 - 10_000 - 100
    assert book.takings.sums["cash/short"] == Sum(1, -100)
    assert book.takings.sums["cash/count"] == Sum(1, 0)
    assert book.takings.sums["drawer"] == Sum(1, 0)
    book.z()
    assert book.takings.cash_fen == 10_500


def test_a_ledger_whose_beginning_was_put_away_begins_with_what_its_month_says(book):
    payment = Payment("n1", "v", "wechatpay", Method.CODE, Money(690), AT)
    open_now = {**payment_to_json(payment), "basket": totals_to_json(totals(Basket().add(MILK)))}
    book.write("month", "ledger-2026-03.db", {"payments": [open_now], "deliveries": []})
    book.go_on("n1", *OK)
    assert book.x.of("sale") == Sum(1, 690)


def test_a_payment_that_was_never_opened_is_an_error_and_no_report(book):
    with pytest.raises(ValueError, match="no payment n1"):
        book.go_on("n1", *OK)
    with pytest.raises(ValueError, match="no refund"):
        book.write("refund", "n1R1", refund_event_to_json(SendRefund(1)))


@pytest.mark.parametrize("body", [{}, {"number": 1}, {"open": 3}])
def test_what_is_no_end_of_a_period_is_refused(body):
    with pytest.raises(ValueError, match="not the end"):
        report_of(body, AT, closed=True)


# --- laws ---------------------------------------------------------------------------------------

ENDS = (
    (Submit(1), Approved("T", 690)),
    (Submit(1), Unclear("x"), Approved("T", 690)),
    (Submit(1), Declined("NO")),
    (Submit(1), Unclear("x"), GiveUp("y"), Reversed()),
    (Submit(1), Unclear("x"), GiveUp("y"), FoundPaid("T", 600)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=8), st.sets(st.integers(0, 60)), st.integers())
def test_the_sums_of_all_zs_and_of_the_x_are_those_of_the_whole_ledger(ends, closings, seed):
    """Payments go on side by side, and days are closed anywhere between two entries."""
    book, whole, luck, zs = Book(), Book(), random.Random(seed), []
    waiting = {f"n{at}": list(ENDS[end]) for at, end in enumerate(ends)}
    begun, step = set(), 0
    while waiting:
        if step in closings:
            zs.append(book.z())
        step += 1
        number = luck.choice(sorted(waiting))
        for one in (book, whole):
            if number not in begun:
                one.pay(number)
            else:
                one.go_on(number, waiting[number][0])
        if number in begun:
            waiting[number].pop(0)
        begun.add(number)
        waiting = {each: left for each, left in waiting.items() if left}
    parts = [{name: Sum(*each) for name, each in z.body["sums"].items()} for z in zs]
    assert add_up(*parts, book.takings.sums) == whole.takings.sums
    assert (book.takings.grand, book.takings.payments) == (whole.takings.grand, {})
    assert whole.x.taken == whole.takings.grand
    assert all(before.seq < after.seq for before, after in pairwise(zs))
    assert [z.body["number"] for z in zs] == list(range(1, len(zs) + 1))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=6), st.integers(0, 40))
def test_a_fold_that_begins_at_a_z_goes_on_as_the_one_from_the_beginning(ends, at):
    book = Book()
    for place, end in enumerate(ends):
        book.pay(f"n{place}", *ENDS[end][:1])
        if place == at:
            book.z()
    z = book.z()
    for place, end in enumerate(ends):
        book.go_on(f"n{place}", *ENDS[end][1:])
    late = Takings()
    for entry in book.entries[z.seq - 1 :]:
        late.take(entry)
    assert late.closing() == book.takings.closing()


def test_every_line_of_a_report_adds_up(book):
    book.pay("n1", *OK)
    book.pay("n2", Submit(1), Approved("T2", 690), method=Method.FACE)
    book.refund("n1", 200, SendRefund(1), RefundDone("R", 200))
    found = {(each.key, each.of.get("en", each.of.get(""))): each for each in lines(book.x)}
    assert found[("taken_sum", None)].fen == 1380
    assert found[("paid", "WeChat Pay by code")].fen == 690
    assert found[("back_by", "WeChat Pay")].fen == 200
    assert found[("net", None)].fen == 1180
    assert found[("gross", "9%")].fen == 1380
