"""Refunds through the WeChat Pay client, against the sandbox process over TCP."""

from __future__ import annotations

from contextlib import closing

import pytest

from kiosk.channels.wechatpay import WechatPay
from kiosk.domain.money import Money
from kiosk.domain.payment import FoundPaid, Method, PayError, Payment, Submit
from kiosk.domain.refund import RefundState
from kiosk.ledger import Ledger
from kiosk.refunds import RefundRefused, Refunds
from tests.channels.sandbox_peer import running_sandbox
from tests.refunds.conftest import MARCH

FEN = 1280
REASON = "苹果坏了"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def channel(sandbox):
    sandbox.control("DELETE", "scripts")
    with WechatPay(sandbox.options) as channel:
        yield channel


@pytest.fixture
def new_till(tmp_path, channel):
    """A ledger and its refunds; the same name again is the same till after a restart."""
    opened = {}

    def new_till(name="a"):
        if name in opened:
            opened[name].close()
        opened[name] = Ledger(tmp_path / name, lambda: MARCH)
        opened[name].recover()
        return opened[name], Refunds(opened[name], {channel.name: channel}, limit_fen=50_000)

    yield new_till
    for ledger in opened.values():
        ledger.close()


@pytest.fixture
def till(new_till):
    return new_till()


@pytest.fixture
def sold(sandbox, channel, till):
    """The number of a payment that this till took just now."""
    ledger, _ = till
    order = sandbox.order(FEN)
    number = order.out_trade_no
    payment = Payment(number, number, channel.name, Method.CODE, Money(FEN), MARCH)
    ledger.open_payment(payment, {})
    ledger.record(number, Submit(MARCH))
    ledger.record(number, channel.pay(order, sandbox.token()))
    return number


def run(refunds, number, wait=lambda: None):
    """Step it to its end; `wait` lets the sandbox's own time pass before each step."""
    now = 0.0
    for _ in range(30):
        due = refunds.step(number, now)
        if due is None:
            return
        wait()
        now = due
    raise AssertionError("it never ended")


def demand_clean(sandbox):
    audit = sandbox.control("GET", "audit")
    assert audit["books_balance"]
    assert audit["refunds_renumbered"] == []
    return audit


def test_a_whole_payment_goes_back(sandbox, till, sold):
    ledger, refunds = till
    asked = refunds.request(sold, FEN, REASON)
    assert asked.out_refund_no == f"{sold}R1"
    run(refunds, asked.out_refund_no)
    done = ledger.refund(asked.out_refund_no)
    assert (done.state, bool(done.refund_id)) == (RefundState.DONE, True)
    assert sandbox.refunded(sold) == FEN
    demand_clean(sandbox)


def test_parts_go_back_until_nothing_is_left(sandbox, till, sold):
    ledger, refunds = till
    for index, fen in ((1, 500), (2, 780)):
        run(refunds, refunds.request(sold, fen, REASON).out_refund_no)
        assert ledger.refund(f"{sold}R{index}").state is RefundState.DONE
        sandbox.wait_between_refunds()
    with pytest.raises(RefundRefused, match=r"refund\.too_much"):
        refunds.request(sold, 1, REASON)
    found = refunds.find(sold)
    assert (found.paid_fen, found.refunded_fen, found.left_fen) == (FEN, FEN, 0)
    assert sandbox.refunded(sold) == FEN
    demand_clean(sandbox)


def test_a_second_part_within_the_minute_waits_and_then_goes_back(sandbox, till, sold):
    """The channel wants a minute between two; until then it is a doubt like any other."""
    ledger, refunds = till
    run(refunds, refunds.request(sold, 500, REASON).out_refund_no)
    second = refunds.request(sold, 100, REASON).out_refund_no
    states = []

    def wait():
        states.append(ledger.refund(second).state.name)
        sandbox.control("POST", "clock", {"advance": 20})

    run(refunds, second, wait)
    assert "UNKNOWN" in states
    assert ledger.refund(second).state is RefundState.DONE
    assert sandbox.refunded(sold) == 600
    demand_clean(sandbox)


@pytest.mark.parametrize("script", ["drop-answer", "drop-request", "http-500", "wrong-signature"])
def test_a_lost_answer_is_asked_for_again_with_the_same_number(sandbox, till, sold, script):
    ledger, refunds = till
    asked = refunds.request(sold, FEN, REASON)
    sandbox.script(script=script, api="refund")
    states = []
    run(
        refunds,
        asked.out_refund_no,
        lambda: states.append(ledger.refund(asked.out_refund_no).state.name),
    )
    assert states[:2] == ["REQUESTED", "UNKNOWN"]
    assert ledger.refund(asked.out_refund_no).state is RefundState.DONE
    assert sandbox.refunded(sold) == FEN
    demand_clean(sandbox)


def test_a_crash_after_the_call_goes_on_with_the_same_number(sandbox, new_till, sold):
    ledger, refunds = new_till()
    number = refunds.request(sold, FEN, REASON).out_refund_no
    refunds.step(number, 0.0)
    sandbox.script(script="drop-answer", api="refund")
    refunds.step(number, 0.0)
    ledger, refunds = new_till()
    assert [x.state for x in refunds.open_refunds()] == [RefundState.UNKNOWN]
    run(refunds, number)
    assert ledger.refund(number).state is RefundState.DONE
    assert sandbox.refunded(sold) == FEN
    demand_clean(sandbox)


def test_a_refund_under_way_is_queried_until_it_is_done(sandbox, till, sold):
    ledger, refunds = till
    sandbox.script(script="processing 8", api="refund")
    number = refunds.request(sold, FEN, REASON).out_refund_no
    states = []

    def wait():
        states.append(ledger.refund(number).state.name)
        sandbox.control("POST", "clock", {"advance": 3})

    run(refunds, number, wait)
    assert states == ["REQUESTED", "PROCESSING", "PROCESSING", "PROCESSING"]
    assert ledger.refund(number).state is RefundState.DONE
    demand_clean(sandbox)


@pytest.mark.parametrize(
    ("script", "state"),
    [("processing change", RefundState.ABNORMAL), ("processing close", RefundState.CLOSED)],
)
def test_a_refund_that_does_not_arrive_says_so(sandbox, till, sold, script, state):
    ledger, refunds = till
    sandbox.script(script=script, api="refund")
    number = refunds.request(sold, FEN, REASON).out_refund_no
    now = 0.0
    for _ in range(3):
        now = refunds.step(number, now)
    assert ledger.refund(number).state is state
    assert sandbox.refunded(sold) == 0
    demand_clean(sandbox)


def test_a_refund_that_the_channel_closed_is_made_with_the_next_number(sandbox, till, sold):
    ledger, refunds = till
    sandbox.script(script="processing close", api="refund")
    run(refunds, refunds.request(sold, FEN, REASON).out_refund_no)
    sandbox.wait_between_refunds()
    again = refunds.request(sold, FEN, REASON).out_refund_no
    assert again == f"{sold}R2"
    run(refunds, again)
    assert ledger.refund(again).state is RefundState.DONE
    assert sandbox.refunded(sold) == FEN
    demand_clean(sandbox)


def test_another_till_finds_a_payment_by_either_number_and_gives_back_what_is_left(
    sandbox, till, new_till, sold
):
    ledger, refunds = till
    run(refunds, refunds.request(sold, 500, REASON).out_refund_no)
    sandbox.wait_between_refunds()
    other_ledger, other = new_till("b")
    found = other.find(sold)
    assert found == other.find(ledger.payment(sold).transaction_id)
    assert (found.paid_fen, found.refunded_fen, found.payment) == (FEN, 500, None)
    with pytest.raises(RefundRefused, match=r"refund\.too_much"):
        other.request(sold, 781, REASON)
    asked = other.request(sold, 780, REASON)
    assert asked.out_refund_no == f"{sold}R2"
    run(other, asked.out_refund_no)
    assert other_ledger.refund(asked.out_refund_no).state is RefundState.DONE
    assert sandbox.refunded(sold) == FEN
    assert other.find("1" * 24) is None
    demand_clean(sandbox)


@pytest.mark.parametrize("fen", [FEN, 500])
def test_two_tills_that_send_the_same_number_give_back_once(sandbox, till, new_till, sold, fen):
    ledger, refunds = till
    other_ledger, other = new_till("b")
    number = other.request(sold, FEN, REASON).out_refund_no
    assert refunds.request(sold, fen, REASON).out_refund_no == number
    for each in (refunds, other):
        each.step(number, 0.0)  # both find the number free
    for each in (refunds, other):
        run(each, number)
    same = fen == FEN
    assert ledger.refund(number).state is RefundState.DONE
    assert other_ledger.refund(number).state is (RefundState.DONE if same else RefundState.CLOSED)
    assert sandbox.refunded(sold) == fen
    demand_clean(sandbox)


def test_a_payment_that_came_late_goes_back_by_itself(sandbox, channel, tmp_path):
    order = sandbox.order(FEN)
    number = order.out_trade_no
    paid = channel.pay(order, sandbox.token())
    with closing(Ledger(tmp_path / "late", lambda: MARCH)) as ledger:
        payment = Payment(number, number, channel.name, Method.CODE, Money(FEN), MARCH)
        ledger.open_payment(payment, {})
        for event in (Submit(MARCH), PayError("x"), FoundPaid(paid.transaction_id, paid.fen)):
            ledger.record(number, event)
        refunds = Refunds(ledger, {channel.name: channel}, limit_fen=0)
        (asked,) = refunds.due()
        run(refunds, asked.out_refund_no)
        assert ledger.refunds_due() == []
    assert sandbox.refunded(number) == FEN
    demand_clean(sandbox)
