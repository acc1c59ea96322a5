from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from kiosk.channels.channel import NotSent, OutcomeUnknown, RefundOrder, Refused
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Contradiction,
    Declined,
    FoundPaid,
    Method,
    PayError,
    Payment,
    Submit,
    Unclear,
)
from kiosk.domain.refund import RefundDone, RefundState
from kiosk.refunds import RefundRefused, Refunds
from tests.refunds.conftest import LIMIT, MARCH, PAID, Made

REASON = "坏了"


def refused(call):
    with pytest.raises(RefundRefused) as caught:
        call()
    return caught.value.key


# --- one refund ---------------------------------------------------------------------------------


def test_a_refund_is_looked_up_sent_and_queried_until_it_is_done(till, far):
    asked = till.refunds.request("1", PAID, REASON)
    assert (asked.out_refund_no, asked.state) == ("1R1", RefundState.REQUESTED)
    assert till.channel.calls == []
    done, times = till.run("1R1")
    assert done.state is RefundState.DONE
    assert till.channel.calls == ["query", "refund", "query"]
    assert times == [0.0, 0.0, 1.0]
    assert far.back() == PAID
    assert till.refunds.open_refunds() == []


def test_each_step_makes_one_call_at_most_and_none_before_its_time(till):
    till.refunds.request("1", 100, REASON)
    till.channel.script.extend(["unsent", "truth", "dropped", "lost", "truth", "dropped"])
    while True:
        before = len(till.channel.calls)
        due = till.refunds.step("1R1", till.now)
        assert len(till.channel.calls) <= before + 1
        if due is None:
            break
        if due > till.now:
            calls = len(till.channel.calls)
            assert till.refunds.step("1R1", due - 0.001) == due
            assert len(till.channel.calls) == calls
        till.now = due
    assert till.refunds.step("1R1", till.now) is None


def test_it_is_on_the_disk_that_it_is_sent_before_it_is(till):
    till.refunds.request("1", 100, REASON)
    seen = []
    till.channel.before = lambda: seen.append(till.ledger.refund("1R1").state.name)
    till.run("1R1")
    assert seen == ["REQUESTED", "SENT", "PROCESSING"]
    assert till.ledger.refund("1R1").sent_ms == MARCH


@pytest.mark.parametrize("mishap", ["lost", "dropped", "slow", "unsent"])
def test_a_doubt_is_met_with_the_same_number_after_a_pause(till, far, mishap):
    till.refunds.request("1", 300, REASON)
    till.channel.script.extend(["truth", *[mishap] * 8])
    done, times = till.run("1R1")
    assert done.state is RefundState.DONE
    pauses = [b - a for a, b in pairwise(times[1:])]
    assert pauses == [2, 4, 8, 15, 30, 60, 60, 60, 1]
    assert till.channel.calls == ["query", *["refund"] * 9, "query"]
    assert set(till.channel.orders) == {RefundOrder("1", "1R1", Money(PAID), Money(300), REASON)}
    assert far.back() == 300


def test_a_slow_refund_is_asked_about_ever_more_rarely(till, far):
    far.ends.append(["PROCESSING"] * 10 + ["DONE"])
    till.refunds.request("1", 300, REASON)
    done, times = till.run("1R1")
    assert done.state is RefundState.DONE
    pauses = [b - a for a, b in pairwise(times[1:])]
    assert pauses == [1, 2, 4, 8, 15, 30, 60, 300, 1800, 1800, 1800]
    assert till.channel.calls.count("refund") == 1


def test_a_query_without_an_answer_changes_nothing(till, far):
    till.refunds.request("1", 300, REASON)
    till.channel.script.extend(["truth", "truth", "unsent", "dropped", "refused"])
    done, _ = till.run("1R1")
    assert done.state is RefundState.DONE
    written = [x.body["event"] for x in till.ledger.unsent("x", 99) if x.kind == "refund"]
    assert written == ["SendRefund", "RefundAccepted", "RefundDone"]


def test_staff_have_it_asked_about_before_its_time(till, far):
    far.ends.append(["PROCESSING", "PROCESSING", "DONE"])
    number = till.refunds.request("1", PAID, "").out_refund_no
    till.refunds.hurry(number, 0.0)
    for _ in range(4):
        till.refunds.step(number, 0.0)
    before = till.channel.calls.count("query")
    till.refunds.step(number, 0.0)
    assert till.channel.calls.count("query") == before
    till.refunds.hurry(number, 0.0)
    till.refunds.step(number, 0.0)
    assert till.channel.calls.count("query") == before + 1


def test_money_that_the_shoppers_account_cannot_take_waits_for_staff(till, far):
    far.ends.append(["ABNORMAL", "ABNORMAL", "DONE"])
    till.refunds.request("1", 300, REASON)
    for _ in range(4):
        till.now = till.refunds.step("1R1", till.now)
    (waiting,) = till.refunds.open_refunds()
    assert (waiting.state, waiting.code) == (RefundState.ABNORMAL, "CHANGE")
    asked_at = till.now
    done, _ = till.run("1R1")
    assert done.state is RefundState.DONE
    assert asked_at == 1 + 1800 + 1800


def test_what_the_channel_closes_can_be_asked_for_again_with_the_next_number(till, far):
    far.ends.append(["CLOSED"])
    till.refunds.request("1", PAID, REASON)
    closed, _ = till.run("1R1")
    assert (closed.state, far.back()) == (RefundState.CLOSED, 0)
    assert till.refunds.request("1", PAID, REASON).out_refund_no == "1R2"
    till.run("1R2")
    assert far.back() == PAID
    assert till.channel.calls.count("settled") == 0  # the ledger knows it all


def test_an_end_at_once_needs_no_query(till, gives_back_at_once):
    till.refunds.request("1", 300, REASON)
    done, _ = till.run("1R1")
    assert (done.state, done.refund_id) == (RefundState.DONE, "77")
    assert till.channel.calls == ["query", "refund"]


@pytest.fixture
def gives_back_at_once(till):
    """A channel that gives back at once, as Alipay does."""
    till.channel.refund = lambda order: (
        till.channel.calls.append("refund"),
        RefundDone("77", order.amount.fen),
    )[1]


# --- restarts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("mishap", ["truth", "lost", "dropped"])
def test_after_a_restart_the_same_number_goes_on(till, far, steps, mishap):
    till.refunds.request("1", 300, REASON)
    till.channel.script.extend(["truth", mishap])
    for _ in range(steps):
        till.refunds.step("1R1", till.now)
    till.restart()
    done, _ = till.run("1R1")
    assert (done.state, far.back(), len(far.made)) == (RefundState.DONE, 300, 1)


def test_an_answer_that_could_not_be_written_is_asked_for_again(till, far):
    till.refunds.request("1", 300, REASON)
    till.refunds.step("1R1", 0.0)
    db = till.ledger._shelf.newest.db
    till.channel.after = lambda: db.execute("PRAGMA query_only = 1")
    with pytest.raises(Exception, match="readonly"):
        till.refunds.step("1R1", 0.0)
    db.execute("PRAGMA query_only = 0")
    till.channel.after = lambda: None
    assert till.ledger.refund("1R1").state is RefundState.SENT
    done, _ = till.run("1R1")
    assert (done.state, far.back(), till.channel.calls.count("refund")) == (
        RefundState.DONE,
        300,
        2,
    )


def test_a_defect_in_a_channel_is_a_doubt_and_is_raised(till, far):
    till.refunds.request("1", 300, REASON)
    till.channel.script.extend(["truth", "defect"])
    till.refunds.step("1R1", 0.0)
    with pytest.raises(ZeroDivisionError):
        till.refunds.step("1R1", 0.0)
    assert till.ledger.refund("1R1").state is RefundState.UNKNOWN
    assert till.run("1R1")[0].state is RefundState.DONE


def test_while_a_call_is_under_way_nobody_else_makes_one(till):
    till.refunds.request("1", 300, REASON)
    entered, leave = threading.Event(), threading.Event()

    def wait():
        entered.set()
        assert leave.wait(10)

    till.channel.before = wait
    thread = threading.Thread(target=lambda: till.refunds.step("1R1", 0.0))
    thread.start()
    assert entered.wait(10)
    assert till.refunds.step("1R1", 500.0) == 500.5
    assert till.channel.calls == ["query"]
    leave.set()
    thread.join()
    till.channel.before = lambda: None
    assert till.run("1R1")[0].state is RefundState.DONE


def test_a_refund_of_nobody_is_refused(till):
    with pytest.raises(KeyError):
        till.refunds.step("1R1", 0.0)


# --- what may be asked for ----------------------------------------------------------------------


def test_no_more_is_asked_for_than_is_left(till):
    assert refused(lambda: till.refunds.request("1", PAID + 1, REASON)) == "refund.too_much"
    till.refunds.request("1", 400, REASON)
    till.run("1R1")
    assert refused(lambda: till.refunds.request("1", 601, REASON)) == "refund.too_much"
    till.refunds.request("1", 600, REASON)
    till.run("1R2")
    assert refused(lambda: till.refunds.request("1", 1, REASON)) == "refund.too_much"
    assert [x.kind for x in till.ledger.unsent("x", 99)].count("refund_opened") == 2


def test_one_refund_of_a_payment_at_a_time(till):
    till.refunds.request("1", 400, REASON)
    assert refused(lambda: till.refunds.request("1", 400, REASON)) == "refund.open"
    till.refunds.step("1R1", till.now)
    assert refused(lambda: till.refunds.request("1", 400, REASON)) == "refund.open"
    till.run("1R1")
    till.refunds.request("1", 400, REASON)


def test_two_who_press_at_once_make_one_refund(till):
    answers = []

    def press():
        try:
            answers.append(till.refunds.request("1", 400, REASON).out_refund_no)
        except RefundRefused as error:
            answers.append(error.key)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["1R1", *["refund.open"] * 7]


@pytest.mark.parametrize("events", [(), (Submit(1), Unclear("x")), (Submit(1), Declined("x"))])
def test_what_was_not_paid_cannot_go_back(new_till, events):
    till = new_till()
    payment = Payment("1", "v1", "wechatpay", Method.FACE, Money(PAID), MARCH)
    till.ledger.open_payment(payment, {})
    for event in events:
        till.ledger.record("1", event)
    assert refused(lambda: till.refunds.request("1", 1, REASON)) == "refund.not_paid"
    assert till.channel.calls == []


def test_a_number_that_nobody_knows_was_not_paid(till):
    assert refused(lambda: till.refunds.request("99", 1, REASON)) == "refund.not_paid"


def test_a_till_gives_back_up_to_its_limit_also_in_parts(new_till, far):
    till = new_till(limit=500)
    till.sells()
    assert refused(lambda: till.refunds.request("1", 501, REASON)) == "refund.over_limit"
    till.refunds.request("1", 300, REASON)
    till.run("1R1")
    assert refused(lambda: till.refunds.request("1", 201, REASON)) == "refund.over_limit"
    till.refunds.request("1", 200, REASON)


@pytest.mark.parametrize("fen", [0, -1])
def test_no_money_is_no_refund(till, fen):
    with pytest.raises(ValueError, match="fen cannot go back"):
        till.refunds.request("1", fen, REASON)


def test_a_payment_of_a_channel_that_gives_nothing_back_is_not_opened(till):
    cash = Payment("2", "v2", "cash", Method.CASH, Money(100), MARCH)
    till.ledger.open_payment(cash, {})
    for event in (Submit(1), Approved("T2", 100)):
        till.ledger.record("2", event)
    with pytest.raises(KeyError):
        till.refunds.request("2", 100, REASON)
    assert till.refunds.open_refunds() == []


# --- finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1", "T1"])
def test_a_payment_of_this_till_is_found_without_the_network(till, number):
    till.refunds.request("1", 300, REASON)
    till.run("1R1")
    till.refunds.request("1", 200, REASON)
    calls = len(till.channel.calls)
    found = till.refunds.find(number)
    assert len(till.channel.calls) == calls
    assert (found.out_trade_no, found.transaction_id, found.channel) == ("1", "T1", "wechatpay")
    assert (found.paid_fen, found.refunded_fen, found.left_fen) == (PAID, 500, 500)
    assert [(x.out_refund_no, x.state.name) for x in found.refunds] == [
        ("1R1", "DONE"),
        ("1R2", "REQUESTED"),
    ]
    assert found.payment == till.ledger.payment("1")
    assert found.at_ms == MARCH


@pytest.mark.parametrize("number", ["1", "T1"])
def test_a_payment_of_another_till_is_found_at_the_channel(till, new_till, number):
    till.refunds.request("1", 300, REASON)
    till.run("1R1")
    other = new_till("b")
    found = other.refunds.find(number)
    assert (found.out_trade_no, found.transaction_id, found.payment) == ("1", "T1", None)
    assert (found.paid_fen, found.refunded_fen, found.at_ms) == (PAID, 300, 0)
    assert [(x.out_refund_no, x.amount.fen, x.state.name) for x in found.refunds] == [
        ("1R1", 300, "DONE")
    ]


def test_when_the_channel_is_away_the_ledger_says_what_it_knows(till, new_till):
    other = new_till("b")
    other.refunds.request("1", 300, REASON)
    other.run("1R1")
    till.refunds.request("1", 300, REASON)
    till.run("1R1")
    till.channel.script.append("unsent")
    found = till.refunds.find("1")
    assert (found.refunded_fen, [x.code for x in found.refunds]) == (0, ["NUMBER_TAKEN"])
    till.channel.script.append("unsent")
    with pytest.raises(NotSent):  # what went back elsewhere is not guessed
        till.refunds.request("1", 300, REASON)


def test_what_nobody_knows_is_not_found(till):
    assert till.refunds.find("99") is None
    calls = len(till.channel.calls)
    for slip_of_the_hand in ("", "你好", "x" * 33, "1 OR 1"):
        assert till.refunds.find(slip_of_the_hand) is None
    assert len(till.channel.calls) == calls


@pytest.mark.parametrize(
    ("word", "error"), [("unsent", NotSent), ("lost", OutcomeUnknown), ("refused", Refused)]
)
def test_a_channel_that_cannot_say_is_no_proof_that_there_is_nothing(till, word, error):
    till.channel.script.append(word)
    with pytest.raises(error):
        till.refunds.find("99")


def test_one_channel_that_is_down_does_not_hide_what_another_knows(till, new_till):
    other, down = new_till("b"), new_till("c", ["unsent"])
    channels = {"down": down.channel, "wechatpay": other.channel}
    found = Refunds(other.ledger, channels, LIMIT).find("1")
    assert (found.out_trade_no, found.channel) == ("1", "wechatpay")


def test_a_list_that_makes_no_sense_is_no_answer(till, new_till, far):
    far.made["1R1"] = Made("50", "1", PAID + 1, [])
    with pytest.raises(OutcomeUnknown):
        new_till("b").refunds.find("1")


# --- another till -------------------------------------------------------------------------------


def test_another_till_takes_the_next_number_and_what_is_left(till, new_till, far):
    till.refunds.request("1", 300, REASON)
    till.run("1R1")
    other = new_till("b")
    assert refused(lambda: other.refunds.request("1", 701, REASON)) == "refund.too_much"
    asked = other.refunds.request("1", 700, REASON)
    assert (asked.out_refund_no, asked.paid.fen) == ("1R2", PAID)
    assert other.run("1R2")[0].state is RefundState.DONE
    assert far.back() == PAID


def test_a_refund_of_another_tills_payment_waits_for_the_channel(till, new_till):
    other = new_till("b", ["unsent"])
    with pytest.raises(NotSent):
        other.refunds.request("1", 100, REASON)
    assert other.refunds.open_refunds() == []


@pytest.mark.parametrize("fen", [300, 500])
def test_a_number_that_another_till_used_meanwhile_is_given_up_unsent(till, new_till, far, fen):
    """Also for the same amount: it was for other goods, and the shopper is to have both."""
    till.refunds.request("1", fen, REASON)
    other = new_till("b")
    other.refunds.request("1", 300, REASON)
    other.run("1R1")
    closed, _ = till.run("1R1")
    assert (closed.state, closed.code) == (RefundState.CLOSED, "NUMBER_TAKEN")
    assert "refund" not in till.channel.calls
    found = till.refunds.find("1")
    assert (found.refunded_fen, found.left_fen) == (300, 700)
    assert refused(lambda: till.refunds.request("1", 701, REASON)) == "refund.too_much"
    assert till.refunds.request("1", fen, REASON).out_refund_no == "1R2"
    till.run("1R2")
    assert far.back() == 300 + fen


def test_two_tills_that_send_the_same_refund_at_once_pay_it_once(till, new_till, far):
    other = new_till("b")
    for each in (till, other):
        each.refunds.request("1", 600, REASON)
    for _ in range(2):
        for each in (till, other):
            each.refunds.step("1R1", 0.0)
    assert [x.run("1R1")[0].state for x in (till, other)] == [RefundState.DONE] * 2
    assert (far.back(), len(far.made)) == (600, 1)


def test_two_tills_that_send_different_refunds_at_once_pay_one(till, new_till, far):
    other = new_till("b")
    till.refunds.request("1", 600, REASON)
    other.refunds.request("1", 700, REASON)
    for _ in range(2):
        for each in (till, other):
            each.refunds.step("1R1", 0.0)
    assert till.run("1R1")[0].state is RefundState.DONE
    closed, _ = other.run("1R1")
    assert (closed.state, closed.code) == (RefundState.CLOSED, "NUMBER_TAKEN")
    assert refused(lambda: other.refunds.request("1", 700, REASON)) == "refund.too_much"
    assert other.refunds.request("1", 400, REASON).out_refund_no == "1R2"


def test_another_amount_at_the_end_is_a_contradiction_and_not_ours(till, far):
    till.refunds.request("1", 300, REASON)
    for _ in range(2):
        till.refunds.step("1R1", 0.0)
    far.look = lambda order: RefundDone("500", 299)
    till.now = 1.0
    closed, _ = till.run("1R1")
    assert (closed.state, closed.code) == (RefundState.CLOSED, "NUMBER_TAKEN")
    assert [x.kind for x in till.ledger.unsent("x", 99)].count("contradiction") == 1


# --- money that must go back by itself ----------------------------------------------------------


@pytest.fixture
def late(new_till, far):
    """A till whose payment "1" came late, after its shopper had left."""
    till = new_till()
    payment = Payment("1", "v1", "wechatpay", Method.FACE, Money(PAID), MARCH)
    till.ledger.open_payment(payment, {})
    for event in (Submit(1), PayError("x"), FoundPaid("T1", 1200)):
        till.ledger.record("1", event)
    far.paid["1"] = 1200
    return till


def test_a_late_payment_goes_back_by_itself_once(late, far):
    (asked,) = late.refunds.due()
    assert (asked.out_refund_no, asked.paid.fen, asked.amount.fen) == ("1R1", 1200, 1200)
    assert late.refunds.due() == []
    late.restart()
    assert late.refunds.due() == []
    assert late.run("1R1")[0].state is RefundState.DONE
    assert late.refunds.due() == []
    assert (late.ledger.refunds_due(), far.back()) == ([], 1200)


def test_what_was_paid_beside_another_end_goes_back_by_itself(till, far):
    payment = Payment("2", "v2", "wechatpay", Method.FACE, Money(PAID), MARCH)
    till.ledger.open_payment(payment, {})
    for event in (Submit(1), Declined("x")):
        till.ledger.record("2", event)
    with pytest.raises(Contradiction):
        till.ledger.record("2", Approved("T2", PAID))
    far.paid["2"] = PAID
    assert [x.out_refund_no for x in till.refunds.due()] == ["2R1"]
    till.run("2R1")
    assert (far.back("1"), far.back("2")) == (0, PAID)


def test_the_limit_of_staff_is_not_one_for_money_that_was_taken_by_mistake(new_till, late, far):
    Refunds(late.ledger, {"wechatpay": late.channel}, limit_fen=1).due()
    assert late.run("1R1")[0].state is RefundState.DONE


def test_what_the_channel_refuses_for_good_is_left_to_staff(late, far):
    far.ends.append(["CLOSED"])
    late.refunds.due()
    late.run("1R1")
    for _ in range(3):
        assert late.refunds.due() == []
    assert [due.left_fen for due in late.ledger.refunds_due()] == [1200]
    late.refunds.request("1", 1200, "again")
    late.run("1R2")
    assert late.ledger.refunds_due() == []


def test_a_part_that_staff_gave_back_leaves_the_rest_to_go_back_by_itself(late, far):
    late.refunds.request("1", 500, REASON)
    assert late.refunds.due() == []
    late.run("1R1")
    (rest,) = late.refunds.due()
    assert rest.amount.fen == 700
    late.run("1R2")
    assert (late.ledger.refunds_due(), far.back()) == ([], 1200)


def test_a_number_that_another_till_took_is_tried_with_the_next(late, new_till, far):
    other = new_till("b")
    other.refunds.request("1", 200, REASON)
    other.run("1R1")
    late.refunds.due()
    assert late.run("1R1")[0].code == "NUMBER_TAKEN"
    (again,) = late.refunds.due()
    assert again.out_refund_no == "1R2"
    assert late.run("1R2")[0].code == "REFUND_FEE_INVALID"
    assert late.refunds.due() == []
    assert far.back() == 200


def test_a_channel_that_is_not_set_up_any_more_leaves_what_is_due_alone(late):
    assert Refunds(late.ledger, {}, LIMIT).due() == []
    assert len(late.ledger.refunds_due()) == 1
