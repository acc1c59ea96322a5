"""What staff scan or type to find a payment: our number, the channel's, or the last digits of one.

    0001260301123456 48151623      out_trade_no, as the slip's bar code says it
    kiosk:0001…                    the same, as the slip's QR code says it
    4200002311202603015678901234   transaction_id, as the wallet shows it to the shopper
    51623                          the end of one of today's

A shopper's payment code held out by mistake is not a number: it must not reach a log or a wallet.
"""

from __future__ import annotations

import re
from datetime import datetime

from kiosk.channels.codes import PaymentCode, classify

SHORTEST = 16  # characters of a whole number
_WHOLE = re.compile(r"[0-9A-Za-z_\-|*]{16,32}")
_ENDING = re.compile(r"[0-9]{4,15}")
_OURS = 24  # digits of an out_trade_no of ours


def read_number(text: str) -> str | None:
    """The number in `text`, whole or the ending of one; None where it cannot be either."""
    number = text.strip().removeprefix("kiosk:")
    if _ENDING.fullmatch(number):
        return number
    if not _WHOLE.fullmatch(number):
        return None
    if isinstance(classify(number), PaymentCode) and not _has_our_time(number):
        return None
    return number


def _has_our_time(number: str) -> bool:
    """Whether the digits 5 to 16 are a time: some wallets' codes may be as long as our numbers."""
    if len(number) != _OURS:
        return False
    try:
        datetime.strptime(number[4:16], "%y%m%d%H%M%S")  # noqa: DTZ007 - only whether it is one
    except ValueError:
        return False
    return True
