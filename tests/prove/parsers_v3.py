"""The parsers of what WeChat Pay's newer documents look like, for fuzz.py: a part of parsers.py.

What is sealed or signed is spoiled first and then sealed and signed as it should be, or nothing
would ever get past the seal.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.channels.channel import ChannelError
from kiosk.channels.wechatpay import WechatPayOptions
from kiosk.channels.wechatpay.bill_row import BillError
from kiosk.channels.wechatpay.fund_flow import read_fund_flow
from kiosk.channels.wechatpay.refund_notice import read_refund_notice
from kiosk.channels.wechatpay.v3 import WechatNativeOptions, answers, documents, refund_answers
from kiosk.channels.wechatpay.v3.client import Answer
from kiosk.channels.wechatpay.v3.keys import read_certificates
from kiosk.channels.wechatpay.v3.notices import read_notice
from kiosk.domain.money import Money
from tests.channels.test_fund_flow import HEADER, ROWS, SUMMARY, TOTALS
from tests.channels.test_fund_flow_line import sealed
from tests.channels.v3.test_v3_notices import REFUND, envelope
from tests.channels.v3.wallet import (
    APPID,
    CODE_URL,
    KEY,
    MCH_ID,
    NUMBER,
    PAID,
    PUBLIC,
    Wallet,
    seal,
    serial,
)
from tests.prove.fuzz import Parser

SMALL = 1024  # bits; these keys keep nothing safe
CODES = (b"SYSTEM_ERROR", b"ORDER_NOT_EXIST", b"ORDER_CLOSED", b"NOTPAY", b"CLOSED", b'"amount"')


def parsers_v3(v2: WechatPayOptions) -> tuple[Parser, ...]:
    """Answers, notices, certificates, the account's bill, and the older notice of a refund."""
    options = WechatNativeOptions(
        APPID, MCH_ID, KEY, "D01", "https://shop.example/n", Path("none"), serial_no=serial(3)
    )
    documents_ = [PAID, {"code_url": CODE_URL}, REFUND | {"status": "SUCCESS"}, {"code": "X"}]
    notices = [envelope("TRANSACTION.SUCCESS", PAID), envelope("REFUND.SUCCESS", REFUND, "refund")]
    told = [b"<root><out_trade_no>1</out_trade_no><out_refund_no>2</out_refund_no></root>"]
    bill = "\r\n".join([HEADER, *ROWS, SUMMARY, TOTALS, ""]).encode()
    certificate = Wallet(serial(1), rsa.generate_private_key(65537, SMALL)).certificate(-9, 9)
    wrong = (ValueError,)
    return (
        Parser("v3 answers", _json(documents_), _meaning(options), wrong, CODES),
        Parser("v3 notices", notices, _notice(options), wrong, [b'"resource"', b"REFUND.CLOSED"]),
        Parser("v3 event in a notice", _json([PAID, REFUND]), _event(options), wrong, CODES),
        Parser("v3 certificates", _json([{"data": [certificate]}]), _certificates, wrong),
        Parser("fund-flow bill", [bill], _fund_flow, (BillError,), [b"`", b",`", b"-"]),
        Parser("v2 refund notice", told, _old_notice(v2), wrong, [b"</root>", b"out_refund_no"]),
    )


def _meaning(options: WechatNativeOptions) -> Callable[[bytes], None]:
    """Every call of the channel is given the same answer."""
    about = {"out_trade_no": NUMBER}

    def reading(body: bytes) -> None:
        document = documents.parse(body)
        for status in (200, 404, 500):
            answer = Answer(status, document)
            for call in (
                lambda answer=answer: answers.present_answer(answer, 0.0),
                lambda answer=answer: answers.query_answer(answer, options, NUMBER),
                lambda answer=answer: answers.close_answer(answer),
                lambda answer=answer: refund_answers.refund_answer(answer, about, Money(500)),
            ):
                with suppress(ChannelError):
                    call()

    return reading


def _notice(options: WechatNativeOptions) -> Callable[[bytes], object]:
    """Whatever it says, it is signed."""
    wallet = Wallet(PUBLIC, rsa.generate_private_key(65537, SMALL))
    known = {PUBLIC: wallet.private.public_key()}
    return lambda body: read_notice(wallet.headers(body), body, options, known.get, time.time())


def _event(options: WechatNativeOptions) -> Callable[[bytes], object]:
    """Whatever it says, it is sealed and signed."""
    read = _notice(options)

    def reading(event: bytes) -> None:
        for kind in ("TRANSACTION.SUCCESS", "REFUND.ABNORMAL"):
            told = {"id": "1", "event_type": kind, "resource": seal(event, "refund")}
            with suppress(ValueError):
                read(json.dumps(told).encode())
        documents.parse(event)

    return reading


def _certificates(body: bytes) -> object:
    return read_certificates(documents.parse(body), KEY)


def _fund_flow(content: bytes) -> int:
    return sum(line.amount.fen for line in read_fund_flow(io.BytesIO(content)))


def _old_notice(options: WechatPayOptions) -> Callable[[bytes], object]:
    def reading(inside: bytes) -> object:
        told = sealed(inside, options.key)
        body = f"<xml><return_code>SUCCESS</return_code><mch_id>{options.mch_id}</mch_id>"
        return read_refund_notice(f"{body}<req_info>{told}</req_info></xml>".encode(), options)

    return reading


def _json(objects: list[dict]) -> list[bytes]:
    return [json.dumps(each).encode() for each in objects]
