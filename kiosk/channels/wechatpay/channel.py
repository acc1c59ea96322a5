"""WeChat Pay as a channel for paying (by code, by face) and for refunds, over the v2 interface.

authinfo  /face/get_wxpayface_authinfo      face host
pay       /pay/micropay                     a face code (type 1) goes where a payment code goes
          /pay/facepay                      a face code of type 0, if the merchant uses these
query     /pay/orderquery
reverse   /secapi/pay/reverse               with the merchant's client certificate
refund    refunds.py                        bills: bill_download.py, bill.py
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Self

from kiosk.channels.channel import (
    Authinfo,
    ChannelError,
    NotFound,
    OutcomeUnknown,
    PayAnswer,
    PayOrder,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    Refused,
    Settled,
    Token,
    TokenKind,
)
from kiosk.channels.codes import ending
from kiosk.channels.wechatpay import answers, bill_download, errors, requests
from kiosk.channels.wechatpay.bill_download import BillType
from kiosk.channels.wechatpay.client import Answer, SignedClient
from kiosk.channels.wechatpay.options import FaceCodeType, WechatPayOptions
from kiosk.channels.wechatpay.refunds import Refunds
from kiosk.domain.payment import Declined, Reversed

_SKEW = 300.0  # seconds between the two clocks that the channel puts up with
_CLOCK = re.compile(r"\bnow\b|时间|timestamp|clock", re.IGNORECASE)
_LATEST_ARRIVAL = 120.0  # seconds after which an order that was not there will not come any more
_SPARE_LIFE = 60.0  # seconds of an authinfo's life that are not used

log = logging.getLogger(__name__)


def _nonce() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class _Permission:
    """The last authinfo, for the rawdata with this digest, until this reading of the clock."""

    digest: bytes
    value: str
    until: float


class WechatPay:
    """One merchant's WeChat Pay. Safe for threads.

    It remembers the last authinfo, and since when a reversal's order has been missing; forgetting
    both costs a call or two minutes, never money.
    """

    def __init__(
        self,
        options: WechatPayOptions,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        nonce: Callable[[], str] = _nonce,
    ) -> None:
        """`wall` is Unix seconds, `steady` seconds that never go back, `nonce` ≤ 32 characters.

        Opens nothing; raises ChannelError for a certificate that cannot be read.
        """
        self._options = options
        self._wall = wall
        self._steady = steady
        self._nonce = nonce
        self._client = SignedClient(options, nonce, steady)
        self._refunds = Refunds(options, self._client)
        self._lock = threading.Lock()
        self._permission: _Permission | None = None
        self._missing: dict[str, float] = {}
        self._policy = QueryPolicy(
            query_after=options.query_after,
            query_every=options.query_every,
            give_up_after=options.give_up_after,
            reverse_not_before=options.reverse_not_before,
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
        return self._policy

    @property
    def sandbox(self) -> bool:
        return self._options.sandbox

    def pay(self, order: PayOrder, token: Token) -> PayAnswer:
        """Ask for the money, once, at one host.

        What cannot be a code of this wallet is declined without asking: the server's answer would
        be the same, and the text would stand in its logs.
        """
        kind = self._options.face_code_type
        if token.kind is TokenKind.FACE and kind is FaceCodeType.FACE_PAY:
            path, build, looks_right = requests.FACEPAY, requests.facepay, requests.is_face_code
        else:
            path, build, looks_right = requests.MICROPAY, requests.micropay, requests.is_auth_code
        if not looks_right(token.value):
            return Declined("AUTH_CODE_INVALID")
        fields = requests.built(build, self._options, order, token)
        log.info(
            "pay out_trade_no=%s fen=%d by=%s ending=%s",
            order.out_trade_no,
            order.amount.fen,
            token.kind.value,
            ending(token.value),
        )
        answer = self._client.ask(self._options.pay_url + path, fields)
        said = answers.pay_answer(answer, self._options, order.out_trade_no)
        if isinstance(said, Declined) and errors.names_a_spent_code(said.code, said.message):
            said = self._unless_known(order, said)
        log.info("paid? out_trade_no=%s answer=%s", order.out_trade_no, type(said).__name__)
        return said

    def query(self, order: PayOrder) -> QueryAnswer:
        number = requests.built(requests.number, order)
        answer = self._client.ask_any(
            requests.ORDERQUERY, requests.orderquery(self._options, number)
        )
        said = answers.query_answer(answer, self._options, number)
        log.info("query out_trade_no=%s answer=%s", number, type(said).__name__)
        return said

    def reverse(self, order: PayOrder) -> Reversed:
        """Undo it. An order that WeChat does not know is reversed again for two minutes.

        It may still be under way or not yet written; after that its code is dead, which lives for
        one minute, and WeChat would have closed it unpaid, which takes 45 s.
        """
        number = requests.built(requests.number, order)
        log.info("reverse out_trade_no=%s", number)
        answer = self._client.ask_any(requests.REVERSE, requests.reverse(self._options, number))
        said = answers.reverse_answer(answer, self._options, number)
        if isinstance(said, NotFound) and self._seconds_missing(number) < _LATEST_ARRIVAL:
            raise OutcomeUnknown("WeChat Pay does not know the order that is to be reversed")
        with self._lock:
            self._missing.pop(number, None)
        log.info("reversed out_trade_no=%s answer=%s", number, type(said).__name__)
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
        return bill_download.download_bill(self._options, self._client, day, bill_type)

    def download_fund_flow(self, day: date, account: str = "BASIC") -> bytes:
        """What moved on an account of the merchant's on a day, packed. Raises ChannelError.

        `account` is BASIC, OPERATION or FEES.
        """
        return bill_download.download_fund_flow(self._options, self._client, day, account)

    def check(self) -> None:
        """Query a number that nobody has: the answer proves network, key, appid and mch_id.

        Raises ChannelError as well where a reversal would be impossible for want of a certificate.
        """
        if not self.sandbox and self._options.certificate_path is None:
            raise ChannelError(
                "WeChat Pay reverses payments only with a client certificate",
                "Set certificate_path and private_key_path in the config.",
            )
        number = ("CHECK" + self._nonce())[:32]
        answer = self._client.ask_any(
            requests.ORDERQUERY, requests.orderquery(self._options, number)
        )
        self._demand_clock(answer)
        answers.query_answer(answer, self._options, number)

    def authinfo(self, rawdata: str) -> Authinfo:
        """Exchange rawdata; the same rawdata gets the same authinfo while that lives.

        Raises ChannelError("clock", …) where the kiosk's clock is the reason for a refusal.
        """
        digest = hashlib.sha256(rawdata.encode("utf-8", "surrogatepass")).digest()
        known = self._known(digest)
        if known is not None:
            return known
        fields = requests.built(requests.authinfo, self._options, rawdata, self._wall())
        answer = self._client.ask(self._options.face_url + requests.AUTHINFO, fields)
        try:
            granted = answers.authinfo_answer(answer, self._options)
        except Refused as refusal:
            if _CLOCK.search(refusal.message):
                raise _wrong_clock() from refusal
            self._demand_clock(answer)
            raise
        until = self._steady() + granted.expires_in - _SPARE_LIFE
        with self._lock:
            self._permission = _Permission(digest, granted.value, until)
        log.info("authinfo granted seconds=%d", granted.expires_in)
        return granted

    def _unless_known(self, order: PayOrder, declined: Declined) -> PayAnswer:
        """`declined`, unless the code was spent by this very order; then what became of it."""
        try:
            known = self.query(order)
        except ChannelError as error:
            raise OutcomeUnknown(f"{declined.code}, and no query: {error.cause}") from error
        return declined if isinstance(known, NotFound) else known

    def _seconds_missing(self, number: str) -> float:
        """Since when reverse has not known this number, as far as this process has seen."""
        now = self._steady()
        with self._lock:
            return now - self._missing.setdefault(number, now)

    def _known(self, digest: bytes) -> Authinfo | None:
        """The authinfo of the same rawdata: a certified service keeps its own for an hour."""
        with self._lock:
            held = self._permission
        if held is None or held.digest != digest or held.until <= self._steady():
            return None
        return Authinfo(held.value, held.until - self._steady())

    def _demand_clock(self, answer: Answer) -> None:
        if answer.server_time is not None and abs(answer.server_time - self._wall()) > _SKEW:
            raise _wrong_clock()


def _wrong_clock() -> ChannelError:
    return ChannelError("clock", "Set the kiosk's clock; it must follow a time server.")
