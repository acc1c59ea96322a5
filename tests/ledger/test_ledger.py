from __future__ import annotations

import json
import os
import random
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.domain.entry import Entry, verify
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Authenticate,
    Cancel,
    Contradiction,
    Declined,
    FoundPaid,
    GiveUp,
    Method,
    NotInTable,
    PayError,
    Payment,
    Restarted,
    Reversed,
    State,
    Submit,
    Unclear,
    Unsent,
    Waiting,
)
from kiosk.domain.refund import (
    Refund,
    RefundAbnormal,
    RefundAccepted,
    RefundClosed,
    RefundDone,
    RefundState,
    RefundUnclear,
    SendRefund,
    WithdrawRefund,
    refund_number,
)
from kiosk.ledger import Delivery, DeliveryState, Ledger, RefundDue

PAID = (Submit(1), Approved("T1", 100))


def pay(ledger, payment, *events, basket=None):
    ledger.open_payment(payment, basket or {"total_fen": payment.amount.fen})
    for event in events:
        payment = ledger.record(payment.out_trade_no, event)
    return payment


def kinds(ledger):
    return [entry.kind for entry in ledger.unsent("test", 10_000)]


# --- one payment --------------------------------------------------------------------------------


def test_a_payment_is_there_again_after_a_restart(open_ledger, new_payment):
    paid = pay(open_ledger(), new_payment(), *PAID, basket={"lines": ["茶"], "total_fen": 100})
    again = open_ledger()
    assert again.payment("1") == paid
    assert (paid.state, paid.taken_fen, paid.submitted_ms) == (State.PAID, 100, 1)
    assert again.basket_of("1") == {"lines": ["茶"], "total_fen": 100}
    assert again.payment("2") is None
    assert again.basket_of("2") is None


def test_the_same_fact_again_writes_nothing(ledger, new_payment):
    pay(ledger, new_payment(), *PAID)
    before = kinds(ledger)
    ledger.record("1", Approved("T1", 100))
    assert kinds(ledger) == before


def test_an_event_that_is_not_in_the_table_writes_nothing(ledger, new_payment):
    pay(ledger, new_payment())
    before = kinds(ledger)
    with pytest.raises(NotInTable):
        ledger.record("1", Reversed())
    assert kinds(ledger) == before
    assert ledger.payment("1").state is State.NEW


def test_a_number_that_was_never_opened_is_refused(ledger):
    with pytest.raises(KeyError):
        ledger.record("1", Submit(1))


def test_the_newest_payments_come_first_and_older_ones_are_left_out(ledger, new_payment):
    for at, number in enumerate("1234"):
        ledger.open_payment(replace(new_payment(number), created_ms=1000 + at), {})
    assert [each.out_trade_no for each in ledger.recent(1001, 2)] == ["4", "3"]
    assert [each.out_trade_no for each in ledger.recent(1002, 9)] == ["4", "3"]


def test_a_number_is_used_once(ledger, new_payment):
    pay(ledger, new_payment(), Cancel("left"))
    with pytest.raises(ValueError, match="not a new payment"):
        ledger.open_payment(new_payment(), {})


def test_a_visit_has_one_open_payment_at_a_time(ledger, new_payment):
    pay(ledger, new_payment("1", "visit"), Submit(1), Unclear("time-out"))
    with pytest.raises(ValueError, match="not final"):
        ledger.open_payment(new_payment("2", "visit"), {})
    ledger.record("1", Declined("CLOSED"))
    ledger.open_payment(new_payment("2", "visit"), {})


def test_a_contradiction_is_written_once_and_raised_each_time(ledger, new_payment):
    pay(ledger, new_payment(), Submit(1), Declined("NOTENOUGH"))
    for _ in range(3):
        with pytest.raises(Contradiction):
            ledger.record("1", Approved("T9", 100))
    assert kinds(ledger)[-2:] == ["contradiction", "refund_due"]
    assert kinds(ledger).count("contradiction") == 1
    with pytest.raises(Contradiction):
        ledger.record("1", Approved("T8", 100))
    assert kinds(ledger).count("contradiction") == 2


@pytest.mark.parametrize(
    ("events", "fact", "due"),
    [
        ((Submit(1), Declined("X")), Approved("T2", 100), [("T2", 100)]),
        ((Submit(1), Unclear("x"), GiveUp("x"), Reversed()), Approved("T2", 90), [("T2", 90)]),
        (PAID, Approved("T2", 100), [("T2", 100)]),
        (PAID, Approved("T1", 90), []),  # one charge, two reports: for people to look at
        ((Submit(1), Unclear("x")), Approved("T2", 90), []),  # will be undone as a whole
    ],
)
def test_money_that_was_taken_beside_a_payment_is_due_back(ledger, new_payment, events, fact, due):
    pay(ledger, new_payment(), *events)
    with pytest.raises(Contradiction):
        ledger.record("1", fact)
    assert [(x.transaction_id, x.fen) for x in ledger.refunds_due()] == due


def test_a_late_payment_is_due_back_from_the_same_commit(open_ledger, new_payment):
    pay(open_ledger(), new_payment(), Submit(1), PayError("PAYERROR"), FoundPaid("T1", 120))
    assert open_ledger().refunds_due() == [RefundDue("1", "T1", 120, "paid late")]


def test_after_a_restart_what_was_under_way_is_unknown_or_cancelled(open_ledger, new_payment):
    ledger = open_ledger()
    pay(ledger, new_payment("1"))
    pay(ledger, new_payment("2"), Authenticate())
    pay(ledger, new_payment("3"), Submit(1))
    pay(ledger, new_payment("4"), Submit(1), Waiting("USERPAYING"))
    pay(ledger, new_payment("5"), Submit(1), Unclear("time-out"))
    pay(ledger, new_payment("6"), Submit(1), PayError("PAYERROR"))
    pay(ledger, new_payment("7"), *PAID)
    again = open_ledger()
    written = len(kinds(again))
    assert {x.out_trade_no: x.state.name for x in again.recover()} == {
        "1": "CANCELLED",
        "2": "CANCELLED",
        "3": "UNKNOWN",
        "4": "UNKNOWN",
        "5": "UNKNOWN",
        "6": "REVERSING",
    }
    assert len(kinds(again)) == written + 4
    assert [x.out_trade_no for x in again.unsettled()] == ["3", "4", "5", "6"]
    again.recover()
    assert len(kinds(again)) == written + 4


def test_entries_with_a_meaning_of_their_own_cannot_be_slipped_in(ledger):
    for kind in ("month", "payment", "payment_opened", "refund_due", "delivery_ended"):
        with pytest.raises(ValueError, match="method of their own"):
            ledger.append(kind, "1", {})


def test_an_entry_cannot_be_changed_or_deleted(ledger, tmp_path):
    ledger.append("visit", "v1", {"language": "zh"})
    db = apsw.Connection(str(next((tmp_path / "ledger").glob("*.db"))))
    for statement in ("UPDATE entry SET body = '{}'", "DELETE FROM entry"):
        with pytest.raises(apsw.ConstraintError, match="append-only"):
            db.execute(statement)
    db.close()


# --- deliveries ---------------------------------------------------------------------------------


def test_whoever_paid_is_owed_a_slip(open_ledger, new_payment):
    pay(open_ledger(), new_payment(), *PAID)
    assert open_ledger().undelivered() == [Delivery("1", "slip", DeliveryState.OWED, {})]


def test_a_delivery_without_a_result_is_found_after_a_restart(open_ledger, new_payment):
    ledger = open_ledger()
    pay(ledger, new_payment(), *PAID)
    ledger.start_delivery("1", "slip", {"copy": 0})
    again = open_ledger()
    assert again.undelivered() == [Delivery("1", "slip", DeliveryState.STARTED, {"copy": 0})]
    with pytest.raises(ValueError, match="started before"):
        again.start_delivery("1", "slip", {})
    again.start_delivery("1/copy", "slip", {"copy": 1})
    assert len(again.undelivered()) == 2
    again.end_delivery("1", "unknown")
    again.end_delivery("1/copy", "done")
    assert again.undelivered() == []


def test_a_result_is_written_once_and_never_changed(ledger, new_payment):
    pay(ledger, new_payment(), *PAID)
    ledger.end_delivery("1", "not wanted")
    before = kinds(ledger)
    ledger.end_delivery("1", "not wanted")
    assert kinds(ledger) == before
    with pytest.raises(ValueError, match="ended as not wanted"):
        ledger.end_delivery("1", "done")
    with pytest.raises(KeyError):
        ledger.end_delivery("2", "done")
    with pytest.raises(ValueError, match="started before"):
        ledger.start_delivery("1", "slip", {})


# --- readers ------------------------------------------------------------------------------------


def test_each_reader_has_a_cursor_of_its_own_that_survives(open_ledger):
    ledger = open_ledger()
    for at in range(5):
        ledger.append("visit", f"v{at}", {})
    ledger.acknowledge("fleet", 4)
    ledger.acknowledge("fleet", 2)
    again = open_ledger()
    assert [x.seq for x in again.unsent("fleet", 10)] == [5, 6]
    assert [x.seq for x in again.unsent("audit", 2)] == [1, 2]
    assert list(verify(again.unsent("audit", 10))) == []
    with pytest.raises(ValueError, match="does not exist"):
        again.acknowledge("fleet", 7)


def test_many_threads_write_one_whole_chain(ledger, new_payment):
    def work(number):
        pay(ledger, new_payment(str(number)), *PAID)
        ledger.end_delivery(str(number), "done")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.verify().holds
    assert ledger.verify().entries == 1 + 16 * 4
    assert ledger.undelivered() == []


# --- laws ---------------------------------------------------------------------------------------

EVENTS = (
    Authenticate(),
    Submit(1),
    Approved("T1", 100),
    Approved("T2", 100),
    Approved("T1", 90),
    Declined("X"),
    Waiting("USERPAYING"),
    PayError("PAYERROR"),
    Unsent("x"),
    Unclear("x"),
    GiveUp("x"),
    Reversed(),
    FoundPaid("T1", 100),
    FoundPaid("T2", 90),
    Cancel("x"),
    Restarted(),
)
REFUND_EVENTS = (
    SendRefund(1),
    RefundAccepted("50"),
    RefundDone("50", 60),
    RefundDone("50", 61),
    RefundClosed("X"),
    RefundAbnormal("X"),
    RefundUnclear("x"),
    WithdrawRefund("x"),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 4)),
        st.tuples(st.just("record"), st.integers(0, 4), st.sampled_from(EVENTS)),
        st.tuples(st.just("refund"), st.integers(0, 5), st.integers(1, 3)),
        st.tuples(
            st.just("refunded"),
            st.integers(0, 5),
            st.integers(1, 3),
            st.sampled_from(REFUND_EVENTS),
        ),
        st.tuples(st.just("start"), st.integers(0, 4)),
        st.tuples(st.just("end"), st.integers(0, 4)),
        st.tuples(st.just("days"), st.integers(-40, 40)),
        st.tuples(st.just("restart")),
        st.tuples(st.just("read"), st.integers(1, 9)),
    ),
    max_size=40,
)


@settings(max_examples=120, deadline=None)
@given(steps)
@example([("start", 1), ("start", 0), ("days", 31), ("open", 0)])  # one seq for all that is carried
@example([("start", 1), ("start", 0), ("end", 1), ("start", 2)])
@example(
    [
        *[("open", 0), ("record", 0, Submit(1)), ("record", 0, Approved("T1", 100))],
        *[("refund", 0, 1), ("refunded", 0, 1, SendRefund(1)), ("days", 40)],
        *[("record", 0, Approved("T2", 100)), ("refunded", 0, 1, RefundDone("50", 60))],
        *[("refund", 0, 2), ("days", 40), ("refund", 0, 3), ("refunded", 0, 3, SendRefund(1))],
        *[("refunded", 0, 3, RefundDone("50", 61)), ("restart",)],
    ]
)
def test_the_derived_tables_are_what_the_entries_add_up_to(script):
    # In memory where there is such a place: this law is not about the disk.
    with tempfile.TemporaryDirectory(dir=_MEMORY) as name:
        _law(Path(name), script)


_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _law(place, script):
    now = [1_772_340_896_000]
    ledger = Ledger(place, lambda: now[0])
    read = []
    for kind, *arguments in script:
        match kind:
            case "days":
                now[0] += arguments[0] * 86_400_000
            case "restart":
                ledger.close()
                ledger = Ledger(place, lambda: now[0])
                ledger.recover()
            case "read":
                read += ledger.unsent("fleet", *arguments)
                ledger.acknowledge("fleet", read[-1].seq if read else 0)
            case _:
                with suppress(KeyError, ValueError):  # what is refused is part of the law
                    _do(ledger, kind, *arguments)
    answers = _answers(ledger)
    for number in map(str, range(6)):  # the last one is another till's
        back = [x for x in ledger.refunds_of(number) if x.state is not RefundState.CLOSED]
        taken = ledger.taken(number)
        assert sum(x.amount.fen for x in back) <= (100 if taken is None else taken)
    assert ledger.verify().faults == ()
    ledger.rebuild()
    assert _answers(ledger) == answers
    read += ledger.unsent("fleet", 10_000)
    assert [entry.seq for entry in read] == list(range(1, ledger.verify().entries + 1))
    assert list(verify(read)) == []
    ledger.close()


def _do(ledger, kind, number, *rest):
    key = str(number)
    match kind:
        case "open":
            visit = f"v{number % 3}"
            payment = Payment(key, visit, "wechatpay", Method.CODE, Money(100), 0)
            ledger.open_payment(payment, {"n": number})
        case "record":
            ledger.record(key, *rest)
        case "refund":
            if number == 5 or ledger.payment(key):  # another till's number is never this one's
                no = refund_number(key, *rest)
                ledger.open_refund(Refund(no, key, "wechatpay", Money(100), Money(60), "x", 0))
        case "refunded":
            index, event = rest
            ledger.record_refund(refund_number(key, index), event)
        case "start":
            ledger.start_delivery(key, "slip", {})
        case "end":
            ledger.end_delivery(key, "done")


def _answers(ledger):
    numbers = [str(number) for number in range(5)]
    return (
        ledger.unsettled(),
        ledger.undelivered(),
        ledger.refunds_due(),
        ledger.unsettled_refunds(),
        [ledger.refunds_of(str(number)) for number in range(6)],
        [ledger.taken(number) for number in numbers],
        [ledger.payment(number) for number in numbers],
        [ledger.basket_of(number) for number in numbers],
        [ledger.delivery(number) for number in numbers],
    )


def test_a_byte_that_was_changed_on_the_disk_is_found(open_ledger, new_payment, tmp_path):
    ledger = open_ledger()
    pay(ledger, new_payment(), *PAID, basket={"total_fen": 100})
    ledger.close()
    path = next((tmp_path / "ledger").glob("*.db"))
    chance = random.Random(7)
    for column in ("at_ms", "kind", "key", "body", "prev", "hash"):
        db = apsw.Connection(str(path))
        db.execute("DROP TRIGGER no_update")
        seq, old = db.execute(
            f"SELECT seq, {column} FROM entry WHERE seq > 1 AND seq < 4 LIMIT 1"
        ).fetchone()
        new = old + 1 if column == "at_ms" else _other(old, chance)
        db.execute(f"UPDATE entry SET {column} = ? WHERE seq = ?", (new, seq))
        db.execute("SELECT count(*) FROM entry").fetchall()
        faults = _faults(db)
        db.execute(f"UPDATE entry SET {column} = ? WHERE seq = ?", (old, seq))
        db.execute(
            "CREATE TRIGGER no_update BEFORE UPDATE ON entry"
            " BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        )
        assert faults, column
        assert not _faults(db)
        db.close()


def _other(text, chance):
    at = text.index("2") if "2" in text else chance.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


def _faults(db):
    rows = db.execute("SELECT * FROM entry ORDER BY seq").fetchall()
    return list(
        verify(
            Entry(seq, at, kind, key, json.loads(body), prev, hashed)
            for seq, at, kind, key, body, prev, hashed in rows
        )
    )
