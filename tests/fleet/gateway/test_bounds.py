"""What a kiosk without keys can reach, and what it may conclude when the line fails it."""

import asyncio
import json
import threading
import time

import pytest
from sqlalchemy import update

from fleet import tables
from fleet.clock import wall_ms
from fleet.gateway.gateway import Gateway
from fleet.gateway.routes import Busy, Hands
from fleet.gateway.wallets import Served, load_wallets
from fleet.register import LOST
from fleet.schema import metadata
from fleet.who import of
from kiosk.channels.channel import (
    ChannelError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RefundOrder,
    Refused,
    Token,
    TokenKind,
)
from kiosk.channels.gateway.calls import Takes
from kiosk.channels.gateway.channel import UNTIL_TOLD
from kiosk.channels.gateway.codec import write_request
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed
from kiosk.domain.refund import RefundAccepted, RefundClosed
from tests.fleet.gateway.relay import Relay
from tests.fleet.shop import once

FEN = 1280


@pytest.fixture
def till(provider):
    channel = provider.kiosk("wechatpay")
    yield channel
    channel.close()


@pytest.fixture
def relay(provider):
    relay = Relay(provider.server.address)
    yield relay
    relay.close()


def asked(provider, api, out_trade_no):
    """How often the wallet was called for a number."""
    calls = provider.wallet.audit()["calls"]
    return sum(one["api"] == api and one["out_trade_no"] == out_trade_no for one in calls)


def held(provider, out_trade_no):
    order = provider.wallet.order(out_trade_no)
    return order["total_fee"] if order["state"] in ("SUCCESS", "REFUND") else 0


def give_back(order, fen=FEN):
    return RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", order.amount, Money(fen))


def test_a_number_goes_to_the_wallet_once(provider, till):
    order = provider.order()
    assert isinstance(till.pay(order, provider.code()), Approved)
    for again in (order, type(order)(order.out_trade_no, Money(1), "another")):
        with pytest.raises(OutcomeUnknown):
            till.pay(again, provider.code())
    assert asked(provider, "micropay", order.out_trade_no) == 1
    assert [row["fen"] for row in provider.booked(order.out_trade_no)] == [FEN]


@pytest.mark.parametrize("whose", ["another store", "another merchant"])
def test_the_numbers_of_others_are_as_if_they_did_not_exist(provider, till, whose):
    order = provider.order()
    paid = till.pay(order, provider.code())
    till.refund(give_back(order, 1))
    at_store = whose == "another store"
    stranger = provider.join(store_id="S2") if at_store else provider.join(provider.other)
    theirs = provider.kiosk("wechatpay", stranger)
    free = provider.order()
    for _ in range(2):
        assert theirs.query(order) == theirs.query(free) == NotFound()
        assert theirs.settled(order.out_trade_no) == theirs.settled(free.out_trade_no) == NotFound()
        assert theirs.reverse(order) == theirs.reverse(free) == Reversed()
    assert theirs.settled(transaction_id=paid.transaction_id) == NotFound()
    assert theirs.query_refund(give_back(order, 1)) == NotFound()
    assert theirs.refund(give_back(order, 2)) == theirs.refund(give_back(free, 2))
    assert theirs.refund(give_back(order, 2)).code == "PAYMENT_UNKNOWN"
    theirs.close()
    assert held(provider, order.out_trade_no) == FEN
    assert till.query(order) == paid
    refunds = provider.wallet.order(order.out_trade_no)["refunds"]
    assert [refund["fen"] for refund in refunds] == [1]


def test_a_colleague_at_the_same_store_can_ask_and_undo_with_the_amount_as_booked(provider, till):
    order = provider.order()
    paid = till.pay(order, provider.code())
    colleague = provider.kiosk("wechatpay")
    other_amount = type(order)(order.out_trade_no, Money(1), "guessed")
    assert colleague.query(other_amount) == paid
    provider.wallet.advance(16)
    assert colleague.reverse(other_amount) == Reversed()
    colleague.close()
    assert [row["state"] for row in provider.booked(order.out_trade_no)] == ["REVERSED"]


def test_a_revoked_terminal_pays_nothing(provider):
    who, key = provider.join()
    till = provider.kiosk("wechatpay", (who, key))
    till.check()
    provider.merchant.register.revoke(who, LOST, "staff", wall_ms())
    order = provider.order()
    with pytest.raises(NotSent) as caught:
        till.pay(order, provider.code())
    till.close()
    assert "join again" in caught.value.mend
    assert provider.booked(order.out_trade_no) == []


def test_a_request_that_arrives_twice_pays_once_and_proves_nothing(provider, relay):
    till = provider.kiosk("wechatpay", address=relay.url)
    order = provider.order()
    relay.faults["pay"] = "twice"
    with pytest.raises(OutcomeUnknown, match="before"):
        till.pay(order, provider.code())
    assert till.query(order).fen == FEN
    till.close()
    assert asked(provider, "micropay", order.out_trade_no) == 1


@once
@pytest.mark.parametrize(
    ("fault", "raised", "paid"),
    [
        ("lose answer", OutcomeUnknown, True),
        ("lose request", OutcomeUnknown, False),
        ("forge", OutcomeUnknown, True),
        ("answer 500", OutcomeUnknown, True),
        ("answer 502", OutcomeUnknown, True),
        ("answer 503", OutcomeUnknown, True),
        ("answer 504", OutcomeUnknown, True),
        ("answer 408", OutcomeUnknown, True),
        ("answer 302", OutcomeUnknown, True),
        ("instead 404", NotSent, False),
        ("instead 429", NotSent, False),
        ("instead 401", NotSent, False),
    ],
)
def test_what_a_failing_line_says_about_the_money(provider, relay, fault, raised, paid):
    till = provider.kiosk("card", address=relay.url)
    order = provider.order()
    relay.faults["pay"] = fault
    with pytest.raises(raised):
        till.pay(order, provider.card())
    assert (till.query(order) != NotFound()) == paid
    till.close()


@once
def test_a_clock_two_days_off_pays_all_the_same(provider):
    till = provider.kiosk("card", wall=lambda: wall_ms() - 2 * 86_400_000)
    assert isinstance(till.pay(provider.order(), provider.card()), Approved)
    till.close()


@once
def test_a_wallet_that_is_away_was_sent_nothing(provider, till):
    order = provider.order()
    code = provider.code()
    provider.wallet.kill()
    try:
        with pytest.raises(NotSent):
            till.pay(order, code)
        assert till.query(order).code == "NOT_SENT"
        assert till.reverse(order) == Reversed()
    finally:
        provider.wallet.restart()


def test_nothing_is_undone_while_the_wallet_is_still_being_asked(provider):
    hasty = provider.kiosk("wechatpay", read_timeout=0.3)
    order = provider.order()
    provider.wallet.script("delay 1", api="micropay")
    with pytest.raises(OutcomeUnknown):
        hasty.pay(order, provider.code())
    with pytest.raises(OutcomeUnknown, match="still being asked"):
        hasty.reverse(order)
    assert hasty.query(order).fen == FEN
    deadline = time.monotonic() + 10
    while provider.booked(order.out_trade_no)[0]["state"] == "SENT":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    provider.wallet.advance(16)
    assert hasty.reverse(order) == Reversed()
    hasty.close()


def test_the_same_number_from_many_threads_is_paid_once(provider):
    till = provider.kiosk("card")
    order, card = provider.order(), provider.card()
    said = []

    def pay():
        try:
            said.append(till.pay(order, card))
        except OutcomeUnknown as error:
            said.append(error)

    threads = [threading.Thread(target=pay) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    till.close()
    assert sorted(type(one).__name__ for one in said) == ["Approved"] + ["OutcomeUnknown"] * 5


@once
def test_what_does_not_fit_the_channel_is_refused_before_anything(provider):
    who, key = provider.join()
    server, order = provider.server, provider.order()
    token = provider.code()
    good = write_request([order, token])

    def post(path, body):
        answer = server.post(f"/v1/gateway/{path}", body, key, str(who))
        return answer.status_code, answer.json()["code"]

    assert post("cash/pay", good) == (404, "CHANNEL_UNKNOWN")
    assert post("native/pay", good) == (404, "CHANNEL_UNKNOWN")
    assert post("wechatpay/name", b"[]") == (404, "CHANNEL_UNKNOWN")
    assert post("wechatpay/pay", write_request([order])) == (400, "MALFORMED")
    mended = json.loads(good)
    mended[0]["more"] = 1
    assert post("wechatpay/pay", json.dumps(mended).encode()) == (400, "MALFORMED")
    assert (
        token.value not in server.post("/v1/gateway/wechatpay/pay", good[:-1], key, str(who)).text
    )
    assert provider.booked(order.out_trade_no) == []


@once
@pytest.mark.parametrize(
    ("number", "amount"),
    [
        ("", Money(1)),
        ("x" * 33, Money(1)),
        ("a\0b", Money(1)),
        ("T1", Money(0)),
        ("T1", Money(1, "USD")),
    ],
)
def test_an_order_that_cannot_be_is_not_sent(provider, till, number, amount):
    order = provider.order()
    order = type(order)(number, amount, "contract")
    for call in (lambda: till.pay(order, Token(TokenKind.CODE, "1")), lambda: till.reverse(order)):
        with pytest.raises(NotSent):
            call()


@once
def test_rawdata_goes_to_the_wallet_and_its_refusal_comes_back(till):
    with pytest.raises(Refused):
        till.authinfo("none of the wallet's")


def test_cards_that_nobody_has_are_not_tried_for_long(provider):
    till = provider.kiosk("card")
    unknown = [till.pay(provider.order(), Token(TokenKind.CODE, "9156")).code for _ in range(11)]
    assert unknown == ["CARD_UNKNOWN"] * 10 + ["TOO_MANY_TRIES"]
    assert till.pay(provider.order(), provider.card()).code == "TOO_MANY_TRIES"
    till.close()
    neighbour = provider.kiosk("card")
    assert isinstance(neighbour.pay(provider.order(), provider.card()), Approved)
    neighbour.close()


@once
def test_a_card_that_does_not_begin_as_the_shops_is_not_looked_up(provider):
    till = provider.kiosk("card")
    said = till.pay(provider.order(), Token(TokenKind.CODE, "8888000000000000"))
    till.close()
    assert said == Declined("CARD_UNKNOWN", "no card of this shop begins so")


@once
def test_the_two_ends_must_be_set_up_for_the_same(provider):
    for wrong in ({"takes": "code"}, {"sandbox": False}):
        till = provider.kiosk("wechatpay", **wrong)
        with pytest.raises(Exception, match="takes face with sandbox true"):
            till.check()
        till.close()


def test_what_the_shopper_presents_is_neither_kept_nor_logged(provider, caplog):
    caplog.set_level("DEBUG")
    wallets = load_wallets(provider.settings, provider.database)
    gateway = Gateway(provider.database, wallets, wall_ms)
    who, _ = provider.join()
    tokens = [provider.card(), provider.code(), Token(TokenKind.FACE, "9156face-code-of-somebody")]
    for channel, token in zip(("card", "wechatpay", "card"), tokens, strict=True):
        gateway.answer(gateway.window(who, channel, "pay"), "pay", [provider.order(), token])
    with provider.database.read() as connection:
        kept = repr([connection.execute(one.select()).all() for one in metadata.sorted_tables])
    assert str(who) in caplog.text
    assert [token.value in kept + caplog.text for token in tokens] == [False] * 3


def test_goods_go_back_at_another_store_only_where_the_merchant_allows_it(provider, till):
    order = provider.order()
    till.pay(order, provider.code())
    who, _ = provider.join(store_id="S3")
    loaded = load_wallets(provider.settings, provider.database)
    for merchants, kind in ((frozenset(), RefundClosed), ({who.merchant_id}, RefundAccepted)):
        loaded._any_store = merchants
        gateway = Gateway(provider.database, loaded, wall_ms)
        window = gateway.window(who, "wechatpay", "refund")
        assert isinstance(gateway.answer(window, "refund", [give_back(order)]), kind)


def test_a_terminal_that_was_moved_finds_its_own_payments(provider):
    who, key = provider.join()
    till, order = provider.kiosk("wechatpay", (who, key)), provider.order()
    paid = till.pay(order, provider.code())
    with provider.database.write() as connection:
        terminals = tables.terminal
        connection.execute(update(terminals).where(of(terminals, who)).values(store_id="S2"))
    assert till.query(order) == paid
    till.close()
    stranger = provider.kiosk("wechatpay", provider.join(store_id="S2"))
    assert stranger.query(order) == NotFound()
    stranger.close()


def test_a_merchants_slow_wallet_leaves_threads_to_others():
    async def play():
        hands, go = Hands(4), threading.Event()
        slow = [asyncio.ensure_future(hands.run("M1", go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await hands.run("M1", lambda: 1)
        assert await hands.run("M2", lambda: 2) == 2
        go.set()
        await asyncio.gather(*slow)
        assert await hands.run("M1", lambda: 3) == 3

    asyncio.run(play())


def test_who_comes_while_a_slow_wallet_is_looked_at_has_the_last_answer():
    looking, go = threading.Event(), threading.Event()

    class Slow:
        sandbox, policy = True, UNTIL_TOLD

        def check(self):
            looking.set()
            go.wait(10)

    served = Served(Slow(), 1)
    first = threading.Thread(target=served.check)
    first.start()
    looking.wait(10)
    with pytest.raises(ChannelError, match="first time"):
        served.check()
    go.set()
    first.join()
    assert served.check().takes is Takes.CODE
