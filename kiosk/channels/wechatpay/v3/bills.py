"""Fetching a day's bills: first where the file is, signed; then the file, which nobody signs.

    GET /v3/bill/tradebill · fundflowbill  ─► hash_type SHA1, hash_value, download_url
    GET download_url                       ─► the file, packed; the hash is of what is in it

A bill is made from 09:00 (Beijing) of the next day on, is ready at 10:00 and kept for three months;
a day without payments has none. The link works once, for half a minute to five minutes, and is
followed only to the host that was asked: our signature goes nowhere else.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import logging
import zlib
from datetime import date

import httpx

from kiosk.channels.channel import NotSent, OutcomeUnknown, Refused
from kiosk.channels.wechatpay.bill_download import ACCOUNTS, MOST, NO_BILL_MEND, WITHIN, BillType
from kiosk.channels.wechatpay.errors import Verdict
from kiosk.channels.wechatpay.v3 import errors, requests
from kiosk.channels.wechatpay.v3.client import Answer, V3Client
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.v3.trust import failure, said_of

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 16
_MOST_UNPACKED = 2 * 1024**3  # bytes; a bill's text packs to a tenth, a bomb to a thousandth
_NONE = frozenset({"NO_STATEMENT_EXIST"})
_LATER = frozenset({"STATEMENT_CREATING"})

log = logging.getLogger(__name__)


def download_bill(
    options: WechatNativeOptions, client: V3Client, day: date, bill_type: BillType
) -> bytes:
    """The trade bill of a day (Beijing time), as it came, which is packed.

    Raises Refused where there is no such bill, OutcomeUnknown where it may be there later.
    """
    target = requests.trade_bill_target(options, day, bill_type.value)
    return _fetched(options, client, target)


def download_fund_flow(
    options: WechatNativeOptions, client: V3Client, day: date, account: str
) -> bytes:
    """What moved on one of the merchant's `ACCOUNTS` on a day. Raises as `download_bill`."""
    if account not in ACCOUNTS:
        raise NotSent(f"there is no account {account!r}", f"Known: {', '.join(ACCOUNTS)}")
    return _fetched(options, client, requests.fund_flow_target(day, account))


def _fetched(options: WechatNativeOptions, client: V3Client, target: str) -> bytes:
    answer = client.ask("GET", target)
    if answer.status != httpx.codes.OK:
        raise _refusal(answer)
    url, said = answer.text("download_url"), answer.text("hash_value").lower()
    if answer.text("hash_type") != "SHA1" or not said:
        raise OutcomeUnknown("WeChat Pay does not say what the bill's hash is")
    if not _same_host(url, options.pay_url):
        raise OutcomeUnknown("WeChat Pay's link to the bill leads to another host")
    reply = client.download(url, most=MOST, within=WITHIN)
    if reply.status != httpx.codes.OK:
        raise OutcomeUnknown(f"WeChat Pay gave no bill (HTTP {reply.status})", "Ask again.")
    if not hmac.compare_digest(_sha1(reply.content).encode(), said.encode()):
        raise OutcomeUnknown("the bill is not the one that WeChat Pay described", "Ask again.")
    log.info("bill target=%s bytes=%d", target.partition("?")[0], len(reply.content))
    return reply.content


def _refusal(answer: Answer) -> OutcomeUnknown | Refused:
    if answer.code in _LATER:
        said = f"the bill is not ready: {said_of(answer)}"
        return OutcomeUnknown(said, "Ask again in half an hour.")
    if answer.code in _NONE and 400 <= answer.status < 500:
        return Refused("NO_BILL", "there is no bill of this day (yet)", NO_BILL_MEND)
    rule = errors.rule_of(answer.code)
    return failure(answer, rule, definite=rule.verdict is Verdict.DECLINED)


def _same_host(url: str, ours: str) -> bool:
    try:
        theirs, known = httpx.URL(url), httpx.URL(ours)
    except httpx.InvalidURL:
        return False
    same = (theirs.scheme, theirs.host, theirs.port) == (known.scheme, known.host, known.port)
    return same and not theirs.userinfo


def _sha1(content: bytes) -> str:
    """The hash of what is in the file; raises OutcomeUnknown for one that cannot be unpacked."""
    # The channel's choice; against forgery there is TLS, and against mistakes it is enough.
    digest = hashlib.sha1(usedforsecurity=False)
    if not content.startswith(_GZIP):
        digest.update(content)
        return digest.hexdigest()
    unpacked = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while piece := file.read(_PIECE):
                unpacked += len(piece)
                if unpacked > _MOST_UNPACKED:
                    raise OutcomeUnknown("the packed bill is far too long")
                digest.update(piece)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OutcomeUnknown("the packed bill is damaged", "Ask again.") from error
    return digest.hexdigest()
