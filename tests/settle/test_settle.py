from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kiosk.channels.channel import PayOrder
from kiosk.domain.money import Money
from kiosk.domain.payment import NotInTable, State
from kiosk.ledger import Ledger
from kiosk.settle import Settle, StillInFlight
from tests.settle.conftest import MARCH, TOKEN, ScriptedChannel, opened, order_of, run


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("approved", "PAID"),
        ("declined", "DECLINED"),
        ("waiting", "PENDING"),
        ("payerror", "REVERSING"),
        ("unsent", "CANCELLED"),
        ("lost", "UNKNOWN"),
        ("dropped", "UNKNOWN"),
    ],
)
def test_each_answer_leads_where_the_rules_say(settling, ledger, answer, state):
    settle = settling(ScriptedChannel(answer))
    assert settle.pay("1", TOKEN, 100.0).state.name == state
    assert ledger.payment("1").submitted_ms == MARCH


def test_the_submit_is_on_disk_before_the_call_leaves(settling, ledger):
    channel = ScriptedChannel()
    seen = []
    channel.before = lambda: seen.append(ledger.payment("1").state)
    settling(channel).pay("1", TOKEN, 0.0)
    assert seen == [State.PAYING]


def test_a_number_is_submitted_once(settling):
    channel = ScriptedChannel("lost")
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    with pytest.raises(NotInTable):
        settle.pay("1", TOKEN, 1.0)
    run(settle, "1", 1.0)
    with pytest.raises(NotInTable):
        settle.pay("1", TOKEN, 99.0)
    assert channel.calls.count("pay") == 1


def test_a_lost_answer_is_queried_not_paid_again(settling, ledger):
    channel = ScriptedChannel("lost")
    settle = settling(channel)
    settle.pay("1", TOKEN, 100.0)
    assert settle.step("1", 100.0) == 105.0
    assert settle.step("1", 104.9) == 105.0
    assert channel.calls == ["pay"]
    assert settle.step("1", 105.0) is None
    assert channel.calls == ["pay", "query"]
    assert ledger.payment("1").state is State.PAID


def test_staff_have_it_queried_before_its_time_and_that_alone(settling, ledger):
    channel = ScriptedChannel("dropped")
    settle = settling(channel)
    settle.hurry("1", 0.0)
    settle.pay("1", TOKEN, 0.0)
    settle.hurry("1", 1.0)
    assert settle.step("1", 1.0) == 6.0
    settle.hurry("1", 2.0)
    assert settle.step("1", 2.0) == 7.0
    assert channel.calls == ["pay", "query", "query"]
    assert ledger.payment("1").state is State.UNKNOWN


def test_nobody_has_it_undone_before_its_time(settling, ledger):
    channel = ScriptedChannel("payerror")
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    settle.hurry("1", 1.0)
    assert settle.step("1", 1.0) == 15.0
    assert channel.calls == ["pay"]
    assert ledger.payment("1").state is State.REVERSING


def test_not_found_proves_nothing_until_the_deadline(settling, ledger):
    channel = ScriptedChannel("dropped")
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    now, states = 0.0, []
    while (due := settle.step("1", now)) is not None:
        states.append((now, ledger.payment("1").state.name))
        now = max(due, now)
    assert min(at for at, state in states if state == "REVERSING") == 45.0
    assert {state for at, state in states if at < 45} == {"UNKNOWN"}
    assert channel.calls == ["pay", *["query"] * 8, "reverse"]
    assert ledger.payment("1").state is State.REVERSED


def test_a_request_that_arrives_late_is_found_paid(settling, ledger):
    settle = settling(ScriptedChannel("slow", query=["unsent", "lost"]))
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert ledger.payment("1").state is State.PAID


def test_a_shopper_who_confirms_on_the_phone_has_paid(settling, ledger):
    channel = ScriptedChannel("waiting")
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    assert settle.step("1", 5.0) == 10.0
    channel.confirm()
    assert settle.step("1", 10.0) is None
    assert ledger.payment("1").state is State.PAID


def test_a_shopper_who_gives_up_is_reversed_but_not_too_early(settling, ledger):
    channel = ScriptedChannel("waiting")
    settle = settling(channel)
    settle.pay("1", TOKEN, 100.0)
    assert settle.give_up("1", "cancelled").state is State.REVERSING
    assert settle.step("1", 103.0) == 115.0
    assert settle.step("1", 114.9) == 115.0
    assert settle.step("1", 115.0) is None
    assert channel.calls == ["pay", "reverse"]
    assert ledger.payment("1").state is State.REVERSED


@pytest.mark.parametrize("answer", ["lost", "approved", "declined", "payerror"])
def test_only_a_wait_can_be_given_up(settling, answer):
    settle = settling(ScriptedChannel(answer))
    payment = settle.pay("1", TOKEN, 0.0)
    assert settle.give_up("1", "cancelled") == payment


def test_a_success_that_comes_while_the_shopper_gives_up_is_undone(settling, ledger):
    channel = ScriptedChannel("waiting")
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    channel.confirm()
    channel.after = lambda: settle.give_up("1", "cancelled")
    assert settle.step("1", 5.0) == 15.0
    assert ledger.payment("1").state is State.REVERSING
    run(settle, "1", 15.0)
    assert (ledger.payment("1").state, channel.held) == (State.REVERSED, 0)


def test_a_reversal_without_an_answer_is_repeated_with_pauses(settling, ledger):
    channel = ScriptedChannel("payerror", reverse=["dropped", "unsent", "lost", "dropped"])
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    dues, now = [], 15.0
    while (due := settle.step("1", now)) is not None:
        dues.append(due)
        now = due
    assert dues == [17.0, 21.0, 29.0, 37.0]  # the last pause repeats
    assert ledger.payment("1").state is State.REVERSED


def test_a_reversal_that_is_refused_and_was_paid_is_paid_late_and_due_back(settling, ledger):
    channel = ScriptedChannel("lost", query=["absent"] * 8, reverse=["refused"])
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert ledger.payment("1").state is State.PAID_LATE
    assert [(x.transaction_id, x.fen) for x in ledger.refunds_due()] == [("T1", 100)]
    assert ledger.undelivered() == []  # no goods, no slip


def test_not_found_after_a_refused_reversal_still_proves_nothing(settling, ledger):
    channel = ScriptedChannel("lost", query=["absent"] * 10, reverse=["refused"] * 3)
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert channel.calls[9:] == ["reverse", "query"] * 3
    assert ledger.payment("1").state is State.PAID_LATE


def test_a_reversal_that_is_refused_and_was_not_paid_is_reversed(settling, ledger):
    settle = settling(ScriptedChannel("payerror", reverse=["refused"]))
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert ledger.payment("1").state is State.REVERSED
    assert ledger.refunds_due() == []


def test_a_number_nobody_knows_ends_when_undoing_is_over(settling, ledger):
    settle = settling(ScriptedChannel("dropped", reverse=["refused"] * 500))
    settle.pay("1", TOKEN, 0.0)
    assert run(settle, "1", 0.0) > 600
    assert ledger.payment("1").state is State.REVERSED


@pytest.mark.parametrize(("answer", "queries"), [("approved", []), ("lost", []), ("slow", [])])
def test_another_amount_is_a_contradiction_and_is_undone(settling, ledger, answer, queries):
    channel = ScriptedChannel(answer, queries, fen=90)
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert (ledger.payment("1").state, channel.held) == (State.REVERSED, 0)
    assert [x.kind for x in ledger.unsent("x", 99)].count("contradiction") == 1


def test_another_amount_that_cannot_be_undone_is_due_back_whole(settling, ledger):
    settle = settling(ScriptedChannel("approved", fen=250, reverse=["refused"]))
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    payment = ledger.payment("1")
    assert (payment.state, payment.taken_fen) == (State.PAID_LATE, 250)
    assert [x.fen for x in ledger.refunds_due()] == [250]


def test_a_network_that_is_down_for_hours_ends_in_a_reversal(settling, ledger):
    channel = ScriptedChannel("lost", query=["unsent"] * 50, reverse=["unsent"] * 60)
    settle = settling(channel)
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert (ledger.payment("1").state, channel.held) == (State.REVERSED, 0)


def test_a_step_that_comes_hours_late_asks_before_it_undoes(settling, ledger):
    settle = settling(ScriptedChannel("lost"))
    settle.pay("1", TOKEN, 0.0)
    assert settle.step("1", 9999.0) is None
    assert ledger.payment("1").state is State.PAID


def test_while_the_pay_call_is_in_flight_nothing_else_is_sent(settling, ledger):
    channel = ScriptedChannel("lost")
    settle = settling(channel)
    entered, leave = threading.Event(), threading.Event()

    def wait():
        entered.set()
        assert leave.wait(10)

    channel.before = wait
    thread = threading.Thread(target=lambda: settle.pay("1", TOKEN, 0.0))
    thread.start()
    assert entered.wait(10)
    assert settle.step("1", 500.0) > 500.0
    assert settle.give_up("1", "cancelled").state is State.PAYING
    with pytest.raises(StillInFlight):
        settle.pay("1", TOKEN, 500.0)
    assert channel.calls == ["pay"]
    leave.set()
    channel.before = lambda: None
    thread.join()
    run(settle, "1", 500.0)
    assert ledger.payment("1").state is State.PAID


def test_a_defect_in_a_channel_is_an_unclear_outcome_and_is_raised(settling, ledger):
    settle = settling(ScriptedChannel("defect"))
    with pytest.raises(ZeroDivisionError):
        settle.pay("1", TOKEN, 0.0)
    assert ledger.payment("1").state is State.UNKNOWN


def test_an_answer_that_could_not_be_written_is_asked_for_again(settling, ledger):
    channel = ScriptedChannel("approved")
    settle = settling(channel)
    db = ledger._shelf.newest.db
    channel.after = lambda: db.execute("PRAGMA query_only = 1")
    with pytest.raises(Exception, match="readonly"):
        settle.pay("1", TOKEN, 0.0)
    db.execute("PRAGMA query_only = 0")
    channel.after = lambda: None
    assert ledger.payment("1").state is State.PAYING
    run(settle, "1", 1.0)
    assert ledger.payment("1").state is State.PAID
    assert channel.calls == ["pay", "query"]


@pytest.mark.parametrize("jump", [-86_400_000, 86_400_000, -(10**12)])
@pytest.mark.parametrize("boot", [0.0, 7_000_000.0])
def test_after_a_restart_the_policy_counts_from_the_first_sight(tmp_path, jump, boot):
    channel = ScriptedChannel("dropped")
    ledger = Ledger(tmp_path, lambda: MARCH)
    opened(ledger)
    Settle(ledger, {"wechatpay": channel}, order_of).pay("1", TOKEN, 5000.0)
    ledger.close()
    ledger = Ledger(tmp_path, lambda: MARCH + jump)
    ledger.recover()
    times = []
    settle = Settle(ledger, {"wechatpay": channel}, order_of)
    now = boot
    while (due := settle.step("1", now)) is not None:
        times.append((channel.calls[-1], now - boot))
        now = due
    assert times[0] == ("query", 0.0)
    assert channel.calls[-1] == "reverse"
    assert now - boot == 45.0
    assert ledger.payment("1").state is State.REVERSED
    ledger.close()


def test_a_payment_that_is_still_the_visits_is_left_alone(settling):
    channel = ScriptedChannel()
    settle = settling(channel)
    assert settle.step("1", 10.0) > 10.0
    assert channel.calls == []


def test_an_order_that_cannot_be_made_sends_nothing(ledger):
    opened(ledger)

    def broken(payment):
        raise ValueError(payment.out_trade_no)

    channel = ScriptedChannel()
    with pytest.raises(ValueError, match="1"):
        Settle(ledger, {"wechatpay": channel}, broken).pay("1", TOKEN, 0.0)
    assert (channel.calls, ledger.payment("1").state) == ([], State.NEW)


def test_every_call_for_a_number_sends_the_same_order(ledger):
    orders = []

    class Listening(ScriptedChannel):
        def query(self, order):
            orders.append(order)
            return super().query(order)

    opened(ledger)
    settle = Settle(ledger, {"wechatpay": Listening("dropped")}, order_of)
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    assert set(orders) == {PayOrder("1", Money(100), "goods")}


def test_a_payment_of_nobody_is_refused(ledger):
    settle = Settle(ledger, {}, order_of)
    with pytest.raises(KeyError):
        settle.step("1", 0.0)
    opened(ledger)
    with pytest.raises(KeyError):
        settle.pay("1", TOKEN, 0.0)


def test_no_token_is_ever_on_the_disk(settling, ledger, tmp_path):
    settle = settling(ScriptedChannel("lost"))
    settle.pay("1", TOKEN, 0.0)
    run(settle, "1", 0.0)
    kept = b"".join(path.read_bytes() for path in Path(tmp_path).iterdir())
    assert b"Submit" in kept
    assert TOKEN.value.encode() not in kept
