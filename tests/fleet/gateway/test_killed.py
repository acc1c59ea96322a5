"""The fleet's process is killed while kiosks pay; what they conclude is what the wallet holds."""

import threading
import time

import pytest

from fleet.accounts import Journal, audit
from fleet.gateway.tables import gateway_order
from kiosk.channels.channel import OutcomeUnknown
from kiosk.domain.payment import Reversed
from tests.fleet.accounts.peer import StoredValuePeer
from tests.fleet.gateway.customer import Customer, held_by_wallet
from tests.fleet.gateway.provider import SECONDS
from tests.fleet.shop import once

KILLS = (0.05, 0.25, 0.45)  # seconds after the first payment of a round
PAYMENTS = 5  # of each of two tills, in a round


@pytest.mark.timeout(90)
def test_whenever_the_fleet_dies_kiosks_conclude_what_is_held(provider):
    terminals = {name: provider.join() for name in ("wechatpay", "card")}
    tills = {name: provider.kiosk(name, one) for name, one in terminals.items()}
    everyone, card = [], provider.card()
    for kill in KILLS:
        provider.wallet.script("delay 0.1", api="micropay", count=PAYMENTS)
        customers = [
            Customer(tills[name], provider.order(), present())
            for _ in range(PAYMENTS)
            for name, present in (("wechatpay", provider.code), ("card", lambda: card))
        ]
        timers = [threading.Timer(0.04 * place, one.pay) for place, one in enumerate(customers)]
        for timer in timers:
            timer.start()
        time.sleep(kill)
        provider.server.kill()
        for timer in timers:
            timer.join()
        provider.server.start()
        everyone += customers
    provider.wallet.control("DELETE", "scripts")
    provider.wallet.advance(16)
    for one in everyone:
        one.settle()
    journal = Journal(provider.database, provider.merchant.merchant_id)
    cards = StoredValuePeer(journal, provider.database)
    for one in everyone:
        number = one.order.out_trade_no
        held = (
            held_by_wallet(provider, number)
            if one.till is tills["wechatpay"]
            else cards.held(number) > 0
        )
        assert held == one.paid, number
    assert {one.paid for one in everyone} == {True, False}
    assert audit(journal).faults == ()
    for till in tills.values():
        till.close()


@once
def test_killed_between_the_wallets_answer_and_the_kiosks(provider):
    till = provider.kiosk("wechatpay")
    customer = Customer(till, provider.order(), provider.code())
    provider.wallet.script("delay 1", api="micropay")
    paying = threading.Thread(target=customer.pay)
    paying.start()
    deadline = time.monotonic() + 10
    while not held_by_wallet(provider, customer.order.out_trade_no):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    provider.server.kill()
    paying.join()
    assert customer.paid is None
    provider.server.start()
    assert till.query(customer.order).fen == customer.order.amount.fen
    with pytest.raises(OutcomeUnknown):
        till.pay(customer.order, provider.code())
    till.close()
    (row,) = provider.rows(gateway_order, out_trade_no=customer.order.out_trade_no)
    assert row["fen"] == customer.order.amount.fen


@once
def test_a_number_whose_process_died_is_free_to_be_undone_after_the_longest_call(provider):
    """Nobody asks the wallet for it any more then, so nothing can be paid behind its back."""
    till = provider.kiosk("wechatpay")
    customer = Customer(till, provider.order(), provider.code())
    number, begun = customer.order.out_trade_no, time.monotonic()
    provider.wallet.script("delay 3", api="micropay")
    paying = threading.Thread(target=customer.pay)
    paying.start()
    while not held_by_wallet(provider, number):
        time.sleep(0.01)
    provider.server.kill()
    paying.join()
    provider.server.start()
    provider.wallet.advance(16)
    with pytest.raises(OutcomeUnknown, match="still being asked"):
        till.reverse(customer.order)
    time.sleep(max(0.0, begun + sum(SECONDS.values()) + 0.2 - time.monotonic()))
    assert till.reverse(customer.order) == Reversed()
    assert not held_by_wallet(provider, number)
    till.close()
