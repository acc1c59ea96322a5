"""The counts are the sum of what the tills' own ledgers say, in whatever order it came."""

from fleet import tables
from fleet.history import china_day
from kiosk.domain.payment import Approved, FoundPaid, GiveUp, Restarted, Unclear
from tests.fleet.till import FEN, NOON, TODAY, Till

A, B, C = ("1" * 24, "2" * 24, "3" * 24)


def test_a_day_counts_what_was_paid_and_given_back(shop):
    who, _ = shop.join()
    till = Till()
    till.sell(A)
    till.sell(B, 500)
    till.give_back(A, 280)
    shop.take(who, till.lines())
    shop.books.work_all()
    assert shop.counts(who) == {
        "paid": 2,
        "paid_fen": FEN + 500,
        "late": 0,
        "refunds": 1,
        "refund_fen": 280,
    }
    days = shop.rows(tables.device_day, who)
    assert {(row["day"], row["channel"], row["method"]) for row in days} == {
        (TODAY, "wechatpay", "FACE"),
        (TODAY, "wechatpay", ""),
    }


def test_nothing_counts_until_it_is_final_and_then_once(shop):
    who, _ = shop.join()
    till = Till()
    till.open(A)
    till.event(A, Unclear("time-out"))
    shop.take(who, till.lines())
    shop.books.work_all()
    assert shop.counts(who)["paid"] == 0
    assert shop.rows(tables.payment, who)[0]["state"] == "UNKNOWN"
    till.event(A, Approved("42", FEN))
    for _ in range(2):
        shop.take(who, till.lines())
        shop.books.work_all()
    assert shop.counts(who)["paid"] == 1


def test_money_that_came_too_late_is_no_sale(shop):
    who, _ = shop.join()
    till = Till()
    till.open(A)
    till.event(A, Unclear("time-out"))
    till.event(A, GiveUp("deadline"))
    till.event(A, FoundPaid("42", FEN))
    shop.take(who, till.lines())
    shop.books.work_all()
    counts = shop.counts(who)
    assert (counts["paid"], counts["late"]) == (0, 1)


def test_an_end_that_overtook_its_beginning_is_counted_when_both_are_here(shop):
    who, _ = shop.join()
    till = Till()
    till.sell(A)
    shop.take(who, till.lines(3, 3))
    shop.books.work_all()
    assert shop.rows(tables.payment, who) == []
    shop.take(who, till.lines(1, 2))
    shop.books.work_all()
    assert shop.counts(who)["paid"] == 1


def test_a_payment_on_both_disks_is_counted_once(shop):
    who, _ = shop.join()
    till = Till()
    till.open(A)
    old = till.copy()
    till.event(A, Approved("42", FEN))
    old.event(A, Restarted())
    old.event(A, Approved("42", FEN))
    old.sell(B)
    for disk in (till, old):
        shop.take(who, disk.lines())
        shop.books.work_all()
    assert shop.counts(who)["paid"] == 2
    assert [row["trouble"] for row in shop.rows(tables.payment, who)] == ["", ""]


def test_a_payment_that_moved_twice_is_trouble(shop):
    who, _ = shop.join()
    till = Till()
    till.open(A)
    old = till.copy()
    till.event(A, Approved("42", FEN))
    old.event(A, Approved("43", FEN))
    for disk in (till, old):
        shop.take(who, disk.lines())
    shop.books.work_all()
    (row,) = shop.rows(tables.payment, who)
    assert "42, 43" in row["trouble"]


def test_an_entry_that_cannot_be_understood_stops_nothing(shop):
    who, _ = shop.join()
    till = Till()
    till.open(A)
    till.write("payment", A, {"event": "Nonsense"})
    till.event(A, Approved("42", FEN))
    till.write("payment_opened", B, {"payment": {"out_trade_no": C}})
    till.write("payment_opened", C, {})
    shop.take(who, till.lines())
    shop.books.work_all()
    (row,) = shop.rows(tables.payment, who)
    assert row["state"] == "PAID"
    assert "entry 3" in row["trouble"]


def test_adding_up_again_from_the_entries_changes_nothing(shop):
    who, _ = shop.join()
    till = Till()
    for number in (A, B, C):
        till.sell(number)
    till.give_back(B)
    shop.take(who, till.lines())
    shop.books.work_all()
    kept = [shop.rows(table, who) for table in (tables.payment, tables.refund, tables.device_day)]
    shop.books.rebuild()
    again = [shop.rows(table, who) for table in (tables.payment, tables.refund, tables.device_day)]
    assert again == kept


def test_a_day_begins_at_midnight_in_china():
    midnight = NOON - 12 * 3_600_000
    assert [china_day(midnight - 1), china_day(midnight), china_day(0)] == [TODAY - 1, TODAY, 0]
    assert china_day(2**53 - 1) == 0
