"""Fetching a day's bills: the answer is the file itself, or XML that says no.

/pay/downloadbill        what was sold and given back
/pay/downloadfundflow    what moved on an account; with a client certificate, HMAC-SHA256 only

A bill is made from 09:00 (Beijing) of the next day on, is ready at 10:00 and kept for three months;
a day without payments has none. The file is not signed: TLS alone vouches for it, and the sums in
its last row, which the parser checks.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum

from kiosk.channels.channel import NotSent, OutcomeUnknown, Refused
from kiosk.channels.wechatpay import errors, requests, xml
from kiosk.channels.wechatpay.client import SignedClient
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.signing import SignType
from kiosk.channels.wechatpay.trust import masked

MOST = 128 * 1024 * 1024  # bytes of the file as it comes; a busy day packed has a twentieth of it
WITHIN = 300.0  # seconds
NO_BILL_MEND = "Ask after ten in the morning of the next day, and within three months."

_GZIP = b"\x1f\x8b"
_HEADERS = ("交易时间".encode(), "记账时间".encode())
_BOM = b"\xef\xbb\xbf"

# error_code or return_msg of a bill that is not there yet, by the downloadbill document.
_LATER = re.compile("SYSTEMERROR|Bill Creating|CompressGZip", re.IGNORECASE)
_NONE = re.compile("^20002$|No Bill Exist", re.IGNORECASE)
_WRONG: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile("SIGN ?ERROR", re.IGNORECASE), "SIGNERROR"),
    (re.compile("^20001$|missing parameter", re.IGNORECASE), "LACK_PARAMS"),
    (re.compile("invalid bill_type|data format error", re.IGNORECASE), "PARAM_ERROR"),
)

log = logging.getLogger(__name__)


ACCOUNTS: Mapping[str, str] = {"BASIC": "Basic", "OPERATION": "Operation", "FEES": "Fees"}
"""The merchant's accounts that have a fund-flow bill, and their words on this wire."""


class BillType(Enum):
    """Which rows a bill has; only `ALL` can be reconciled, the others are for looking."""

    ALL = "ALL"
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"


def download_bill(
    options: WechatPayOptions,
    client: SignedClient,
    day: date,
    bill_type: BillType = BillType.ALL,
    *,
    packed: bool = True,
) -> bytes:
    """The bill of a day (Beijing time) as it came: gzip if `packed`, else text.

    Raises Refused where there is no such bill, OutcomeUnknown where it may be there later.
    """
    fields = requests.downloadbill(options, day, bill_type.value, packed=packed)
    content = client.download(requests.DOWNLOADBILL, fields, most=MOST, within=WITHIN)
    _demand_bill(content)
    log.info("bill day=%s type=%s bytes=%d", day, bill_type.value, len(content))
    return content


def download_fund_flow(
    options: WechatPayOptions, client: SignedClient, day: date, account: str
) -> bytes:
    """What moved on one of the merchant's `ACCOUNTS` on a day (Beijing time), packed.

    Raises NotSent without a client certificate, and else as `download_bill`.
    """
    if account not in ACCOUNTS:
        raise NotSent(f"there is no account {account!r}", f"Known: {', '.join(ACCOUNTS)}")
    if not options.sandbox and options.certificate_path is None:
        raise NotSent(
            "WeChat Pay gives the fund-flow bill only to a client certificate",
            "Set certificate_path and private_key_path in the config.",
        )
    fields = requests.downloadfundflow(options, day, ACCOUNTS[account])
    content = client.download(
        requests.DOWNLOADFUNDFLOW,
        fields,
        most=MOST,
        within=WITHIN,
        sign_type=SignType.HMAC_SHA256,
    )
    _demand_bill(content)
    log.info("fund flow day=%s account=%s bytes=%d", day, account, len(content))
    return content


def _demand_bill(content: bytes) -> None:
    """Raises Refused or OutcomeUnknown for what is no bill."""
    if not content.startswith(_GZIP) and not content.removeprefix(_BOM).startswith(_HEADERS):
        raise _refusal(content)


def _refusal(content: bytes) -> OutcomeUnknown | Refused:
    try:
        fields = xml.parse(content.strip())
    except ValueError:
        return OutcomeUnknown("what came is neither a bill nor a refusal of WeChat Pay")
    words = [fields.get(name, "") for name in ("error_code", "err_code", "return_msg")]
    said = masked(" ".join(filter(None, words))) or "nothing"
    # Before the other, since a bill in the making may bear the code of a missing one.
    if any(_LATER.search(word) for word in words):
        return OutcomeUnknown(f"the bill is not ready: {said}", "Ask again in half an hour.")
    if any(_NONE.search(word) for word in words):
        return Refused("NO_BILL", "there is no bill of this day (yet)", NO_BILL_MEND)
    for pattern, code in _WRONG:
        if any(pattern.search(word) for word in words):
            return Refused(code, said, errors.rule_of(code).mend)
    code = errors.validation_code(words[-1])
    if code:
        return Refused(code, said, errors.rule_of(code).mend)
    return OutcomeUnknown(f"WeChat Pay gave no bill: {said}")
