"""Notices of the signed XML wire.

    payment  the fields of an order that is paid, signed as the request that made the order was
    refund   req_info: base64(AES-256-ECB, PKCS7, key = lower-case hex MD5 of the API key), unsigned

Taken with HTTP 200 and `<return_code>SUCCESS`.
"""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.padding import PKCS7

from kiosk.sandbox.clock import dashed
from kiosk.sandbox.letters import Letter
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.notices import News, Notice
from kiosk.sandbox.order import Order
from kiosk.sandbox.pay_calls import order_words, payment_words
from kiosk.sandbox.posting import Answer
from kiosk.sandbox.refund import Refund, RefundState
from kiosk.sandbox.reply import Answers
from kiosk.sandbox.scripts import Faults
from kiosk.sandbox.wire import Fields, Malformed, parse, render, sign_type_of, signed

_OTHER_KEY = "0" * 32
"""What a wrong signature is made with."""


class XmlLetters:
    """Implements `Letters`."""

    def __init__(self, merchant: Merchant, answers: Answers) -> None:
        self._merchant = merchant
        self._answers = answers

    def write(self, notice: Notice, news: News, faults: Faults) -> Letter:
        sound = "signtest" not in faults and "wrong-signature" not in faults
        key = self._merchant.key if sound else _OTHER_KEY
        if news.refund is None:
            fields = self._paid(news.order, key)
        else:
            fields = self._refunded(news.order, news.refund, key)
        return Letter({"Content-Type": "text/xml"}, render(fields), sound)

    def taken(self, answer: Answer) -> bool:
        try:
            said = parse(answer.body)
        except Malformed:
            return False
        return answer.status == 200 and said.get("return_code") == "SUCCESS"

    def _paid(self, order: Order, key: str) -> Fields:
        fields = {
            **self._answers.accepted({"sub_mch_id": order.sub_mch_id}),
            **order_words(order),
            **payment_words(order),
        }
        return signed(fields, key, sign_type_of(json.loads(order.asked)))

    def _refunded(self, order: Order, refund: Refund, key: str) -> Fields:
        secret = render(_refund_words(order, refund), "root")
        parties = self._answers.parties()
        return {"return_code": "SUCCESS", **parties, "req_info": sealed(secret, key)}


def sealed(plain: bytes, key: str) -> str:
    """`plain` as req_info under the API key."""
    lock = hashlib.md5(key.encode()).hexdigest().encode()  # noqa: S324  the wallet's own choice
    padder = PKCS7(AES.block_size).padder()
    encryptor = Cipher(AES(lock), ECB()).encryptor()  # noqa: S305  likewise
    padded = padder.update(plain) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _refund_words(order: Order, refund: Refund) -> Fields:
    words = {
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "total_fee": str(order.total_fee),
        "settlement_total_fee": str(order.settled_of(order.total_fee)),
        "refund_fee": str(refund.fen),
        "settlement_refund_fee": str(order.settled_of(refund.fen)),
        "refund_status": refund.state.value,
        "refund_recv_accout": "支付用户零钱",
        "refund_account": refund.account.value,
        "refund_request_source": "API",
    }
    if refund.state is RefundState.SUCCESS and refund.ended_at is not None:
        words["success_time"] = dashed(refund.ended_at)
    return words
