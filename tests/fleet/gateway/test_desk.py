"""What an office asks a channel about a payment, answered by the serving process."""

import time

import pytest

from fleet.clock import wall_ms
from fleet.gateway.desk import Desk, DeskWorker
from fleet.gateway.limits import Limits, Scope, set_limits
from fleet.gateway.wallets import load_wallets
from kiosk.channels.channel import OutcomeUnknown
from tests.fleet.gateway.provider import new_number
from tests.fleet.shop import Shop, once
from tests.fleet.till import Till

pytestmark = once

FEN = 1280


@pytest.fixture
def desk(provider):
    return Desk(provider.database)


def wait(desk, *questions):
    """Ask all at once; the answers in their order."""
    asked = [
        (who.merchant_id, desk.ask(who, channel, number, "office", wall_ms()))
        for who, channel, number in questions
    ]
    deadline = time.monotonic() + 15
    while None in (answers := [desk.answer(*one) for one in asked]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answers


def test_the_channel_says_what_became_of_a_payment(provider, desk):
    who, key = provider.join()
    till = provider.kiosk("wechatpay", (who, key))
    paid, lost, poor, waits = (provider.order() for _ in range(4))
    said = till.pay(paid, provider.code())
    provider.wallet.script("decline NOTENOUGH", api="micropay")
    till.pay(poor, provider.code())
    provider.wallet.script("userpaying phone")
    till.pay(waits, provider.code())
    provider.wallet.script("drop-request", api="micropay")
    with pytest.raises(OutcomeUnknown):
        till.pay(lost, provider.code())
    set_limits(provider.database, Scope(who.merchant_id, "", who.terminal_id), Limits(1))
    over = provider.order()
    till.pay(over, provider.code())
    till.close()
    orders = (paid, lost, waits, over)
    found = wait(desk, *[(who, "wechatpay", one.out_trade_no) for one in orders])
    answers = dict(zip(orders, found, strict=True))
    assert (answers[paid].state, answers[paid].fen) == ("paid", FEN)
    assert answers[paid].transaction_id == said.transaction_id
    assert (answers[lost].state, answers[lost].said) == (
        "unpaid",
        "the channel does not know the number",
    )
    assert answers[waits].state == "unpaid"
    assert answers[over].state == "failed"
    assert "LIMIT_EXCEEDED" in answers[over].said
    assert all(abs(one.at_ms - wall_ms()) < 60_000 for one in answers.values())


def test_a_payment_of_the_books_is_asked_for_as_well_and_nothing_else(provider, desk):
    shop = provider.merchant
    who, _ = provider.join()
    number = new_number()
    till = Till()
    till.sell(number)
    shop.take(who, till.lines())
    shop.wait_for(who, paid=1)
    found, *others = wait(
        desk,
        (who, "wechatpay", number),
        (who, "wechatpay", new_number()),
        (who, "card", number),
        (who, "cash", number),
        (provider.join(provider.other)[0], "wechatpay", number),
    )
    assert found.said == "the channel does not know the number"
    assert [one.state for one in others] == ["unknown"] * 4
    assert all(one.said for one in others)


def test_a_wallet_that_is_away_is_unknown(provider, desk):
    who, key = provider.join()
    till, order = provider.kiosk("wechatpay", (who, key)), provider.order()
    till.pay(order, provider.code())
    till.close()
    provider.wallet.kill()
    try:
        (answer,) = wait(desk, (who, "wechatpay", order.out_trade_no))
    finally:
        provider.wallet.restart()
    assert answer.state == "unknown"
    assert "not reachable" in answer.said


def test_a_question_is_answered_once_and_again_where_its_process_died(fleet_database, provider):
    """A fleet of its own clock: nobody else's worker takes a question of tomorrow's."""
    shop = Shop(fleet_database)
    who, _ = shop.join()
    provider.server.kill()
    try:
        desk, clock = Desk(fleet_database), [wall_ms()]
        wallets = load_wallets(provider.settings, fleet_database)
        asked = desk.ask(who, "wechatpay", "T1", "office", clock[0])
        workers = [DeskWorker(fleet_database, wallets, lambda: clock[0]) for _ in range(2)]
        assert workers[0]._taken().ask_id == asked
        assert workers[1].work() is False
        assert desk.answer(who.merchant_id, asked) is None
        clock[0] += 121_000
        assert workers[1].work() is True
        assert workers[0].work() is False
    finally:
        provider.server.start()
    assert desk.answer(who.merchant_id, asked).state == "unknown"
    assert desk.answer("another", asked) is None
