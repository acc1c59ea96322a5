"""A wallet's own word reaches the terminal that it concerns; a forged one reaches nobody."""

import time

import httpx
import pytest

from fleet.clock import wall_ms
from fleet.gateway.gateway import Gateway
from fleet.gateway.notices import NoticeRefused, Notices
from fleet.gateway.wallets import load_wallets
from kiosk.channels.channel import RefundOrder
from kiosk.domain.money import Money
from tests.fleet.shop import once

pytestmark = once

PATH = "/v1/notify/{}/native"


@pytest.fixture
def notices(provider):
    wallets = load_wallets(provider.settings, provider.database)
    return Notices(wallets, Gateway(provider.database, wallets, wall_ms))


def sent(provider, act):
    """What the wallet sends of its own accord after `act`."""
    before = len(provider.notices.passed)
    act()
    deadline = time.monotonic() + 10
    while len(provider.notices.passed) == before:
        assert time.monotonic() < deadline, "no notice came"
        provider.wallet.advance(1)
        time.sleep(0.05)
    headers, body = provider.notices.passed[-1]
    return {name.lower(): value for name, value in headers.items()}, body


def buy(provider, till):
    order = provider.order()
    shown = till.present(order)

    def scan():
        provider.wallet.control("POST", "scan", code_url=shown.code_url, openid="oPhone")
        provider.wallet.decide(order.out_trade_no, "confirm")

    return order, sent(provider, scan)


def test_what_the_wallet_says_is_handed_to_the_terminal_that_asked(provider, notices):
    who, key = provider.join()
    till = provider.kiosk("native", (who, key))
    order, (headers, body) = buy(provider, till)
    assert notices.read(who.merchant_id, "native", headers, body) == (who, order.out_trade_no)
    url = provider.server.address + PATH.format(who.merchant_id)
    assert httpx.post(url, content=body, headers=headers).status_code == 204
    refund = RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", order.amount, Money(5))
    headers, body = sent(provider, lambda: till.refund(refund))
    assert notices.read(who.merchant_id, "native", headers, body) == (who, order.out_trade_no)
    till.close()


def test_what_the_wallet_did_not_write_tells_nobody(provider, notices):
    who, key = provider.join()
    till = provider.kiosk("native", (who, key))
    _, (headers, body) = buy(provider, till)
    till.close()
    forged = body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.succeSS")
    url = provider.server.address + PATH.format(who.merchant_id)
    for content, head in ((forged, headers), (body, {}), (b"", headers)):
        with pytest.raises(NoticeRefused) as caught:
            notices.read(who.merchant_id, "native", head, content)
        assert caught.value.status == 400
        assert httpx.post(url, content=content, headers=head).status_code == 400


def test_a_notice_of_a_number_that_nobody_asked_for_is_taken_and_forgotten(provider, notices):
    till = provider.kiosk("native")
    _, (headers, body) = buy(provider, till)
    till.close()
    # The other merchant has the same account at this wallet, and never asked for the number.
    assert notices.read(provider.other.merchant_id, "native", headers, body) is None


@pytest.mark.parametrize("channel", ["wechatpay", "card", "cash"])
def test_where_nobody_is_told_anything_there_is_no_door(provider, channel):
    path = f"/v1/notify/{provider.merchant.merchant_id}/{channel}"
    assert httpx.post(provider.server.address + path, content=b"{}").status_code == 404
    assert httpx.post(f"{provider.server.address}/v1/notify/M9/native").status_code == 404
