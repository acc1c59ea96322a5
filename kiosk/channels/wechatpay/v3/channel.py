"""WeChat Pay as a channel whose code the shopper scans from the screen, over the third version.

present    POST …/native                         a code_url, payable for `qr_life` seconds
query      GET  …/out-trade-no/{n}
reverse    POST …/out-trade-no/{n}/close         from then on nobody can pay it
refund     refunds.py                            bills: bills.py       notifies: notices.py

Under `/v3/pay/transactions`, or `/v3/pay/partner/transactions` for a service provider's shop.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from types import TracebackType
from typing import Self

from kiosk.channels.channel import (
    NotFound,
    OutcomeUnknown,
    PaymentTold,
    PayOrder,
    PresentAnswer,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    RefundTold,
    Settled,
)
from kiosk.channels.wechatpay.bill_download import BillType
from kiosk.channels.wechatpay.requests import built
from kiosk.channels.wechatpay.v3 import answers, bills, notices, requests
from kiosk.channels.wechatpay.v3.client import V3Client
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.v3.refunds import Refunds
from kiosk.domain.payment import Reversed

_LATEST_ARRIVAL = 120.0  # seconds after which an order that was not there will not come any more
_AFTER_EXPIRY = 5.0  # seconds for a payment of the last moment to be written

log = logging.getLogger(__name__)


def _nonce() -> str:
    return secrets.token_hex(16)


class WechatNative:
    """One merchant's WeChat Pay on the kiosk's own screen. Safe for threads.

    It remembers WeChat Pay's keys, and since when an order that is to be closed has been missing;
    forgetting both costs a call or two minutes, never money.
    """

    def __init__(
        self,
        options: WechatNativeOptions,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        nonce: Callable[[], str] = _nonce,
    ) -> None:
        """`wall` is Unix seconds, `steady` seconds that never go back, `nonce` ≤ 32 characters.

        Asks nothing; raises ChannelError for a key or certificate that cannot be read.
        """
        self._options = options
        self._wall = wall
        self._steady = steady
        self._nonce = nonce
        self._client = V3Client(options, wall, steady, nonce)
        self._refunds = Refunds(options, self._client)
        self._lock = threading.Lock()
        self._missing: dict[str, float] = {}
        self._policy = QueryPolicy(
            query_after=options.query_after,
            query_every=options.query_every,
            give_up_after=options.qr_life + _AFTER_EXPIRY / options.speed,
            reverse_not_before=0.0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the sockets back; no call may follow."""
        self._client.close()

    @property
    def name(self) -> str:
        return self._options.name

    @property
    def policy(self) -> QueryPolicy:
        """Ask often, since a person waits; stop a little after the code on the screen has ended.

        Closing may come at any moment, and is the channel's answer to "pay another way" too.
        """
        return self._policy

    @property
    def sandbox(self) -> bool:
        return self._options.sandbox

    def present(self, order: PayOrder) -> PresentAnswer:
        """Make the order, once, at one host; it ends by itself after `qr_life` seconds."""
        expires_at = self._wall() + self._options.qr_life
        document = built(requests.native, self._options, order, expires_at)
        log.info("present out_trade_no=%s fen=%d", order.out_trade_no, order.amount.fen)
        answer = self._client.ask("POST", requests.native_target(self._options), document)
        said = answers.present_answer(answer, expires_at)
        log.info("presented out_trade_no=%s answer=%s", order.out_trade_no, type(said).__name__)
        return said

    def query(self, order: PayOrder) -> QueryAnswer:
        number = built(requests.number, order.out_trade_no)
        answer = self._client.ask_any("GET", requests.query_target(self._options, number))
        said = answers.query_answer(answer, self._options, number)
        log.info("query out_trade_no=%s answer=%s", number, type(said).__name__)
        return said

    def reverse(self, order: PayOrder) -> Reversed:
        """Close it. Refused: it is paid, and the query tells by what.

        An order that WeChat does not know is closed again for two minutes, since its making may
        still be under way; after that it can only be one that nobody was shown.
        """
        number = built(requests.number, order.out_trade_no)
        log.info("close out_trade_no=%s", number)
        answer = self._client.ask_any(
            "POST", requests.close_target(self._options, number), requests.close(self._options)
        )
        said = answers.close_answer(answer)
        latest = _LATEST_ARRIVAL / self._options.speed
        if isinstance(said, NotFound) and self._seconds_missing(number) < latest:
            raise OutcomeUnknown("WeChat Pay does not know the order that is to be closed")
        with self._lock:
            self._missing.pop(number, None)
        log.info("closed out_trade_no=%s answer=%s", number, type(said).__name__)
        return Reversed()

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Give back; NotSent or OutcomeUnknown: ask again with the same number."""
        return self._refunds.refund(order)

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        return self._refunds.query_refund(order)

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        return self._refunds.settled(out_trade_no, transaction_id)

    def download_bill(self, day: date, bill_type: BillType = BillType.ALL) -> bytes:
        """The bill of a day (Beijing time), packed, for `bill.read_bill`. Raises ChannelError."""
        return bills.download_bill(self._options, self._client, day, bill_type)

    def download_fund_flow(self, day: date, account: str = "BASIC") -> bytes:
        """What moved on an account of the merchant's on a day, packed. Raises ChannelError.

        `account` is BASIC, OPERATION or FEES.
        """
        return bills.download_fund_flow(self._options, self._client, day, account)

    @property
    def notify_url(self) -> str:
        return self._options.notify_url

    @property
    def notify_listen(self) -> str:
        return self._options.notify_listen

    def read_notice(
        self, headers: Mapping[str, str], body: bytes
    ) -> PaymentTold | RefundTold | None:
        """The same notice may come many times, and before or after a query that says the same."""
        return notices.read_notice(
            headers, body, self._options, self._client.keys.find, self._wall()
        )

    def check(self) -> None:
        """Query a number that nobody has: proves network, keys, mch_id and clock, moves nothing.

        Raises ChannelError("clock", …) where the two clocks are more than five minutes apart.
        """
        number = ("CHECK" + self._nonce())[:32]
        answer = self._client.ask_any("GET", requests.query_target(self._options, number))
        answers.query_answer(answer, self._options, number)

    def _seconds_missing(self, number: str) -> float:
        """Since when WeChat has not known this number, as far as this process has seen."""
        now = self._steady()
        with self._lock:
            return now - self._missing.setdefault(number, now)
