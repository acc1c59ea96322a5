"""The v2 interface's notify of a refund: XML around a sealed XML.

    <xml> return_code appid mch_id nonce_str req_info </xml>
    req_info ─► base64 ─► AES-256-ECB, PKCS#7 ─► <root> … </root>
                          key = lower-case hex of MD5(APIv2 key)

It is not signed: that it opens with our key is all the proof there is, and ECB proves little. So
what it says is a reason to ask (`query_refund`), never an answer.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kiosk.channels.wechatpay import xml
from kiosk.channels.wechatpay.options import WechatPayOptions

_BLOCK_BITS = 128
_ROOT = (b"<root>", b"</root>")


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """Which refund to ask about."""

    out_trade_no: str
    out_refund_no: str


def read_refund_notice(body: bytes, options: WechatPayOptions) -> RefundNotice:
    """Raises ValueError for what was not sealed for this merchant."""
    outside = xml.parse(body)
    if outside.get("return_code") != "SUCCESS" or outside.get("mch_id") != options.mch_id:
        raise ValueError("a notice of a refund for another merchant")
    inside = xml.parse(_renamed(_opened(outside.get("req_info", ""), options.key)))
    if not inside.get("out_trade_no") or not inside.get("out_refund_no"):
        raise ValueError("a notice that does not say of which refund")
    return RefundNotice(inside["out_trade_no"], inside["out_refund_no"])


def _opened(sealed: str, key: str) -> bytes:
    digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    # The channel's choice of 2014; nothing is believed for being sealed like this.
    opening = Cipher(algorithms.AES256(digest.encode()), modes.ECB()).decryptor()  # noqa: S305
    padding = PKCS7(_BLOCK_BITS).unpadder()
    try:
        plain = opening.update(base64.b64decode(sealed, validate=True)) + opening.finalize()
        return padding.update(plain) + padding.finalize()
    except ValueError as error:
        raise ValueError("a notice that is not sealed with our key") from error


def _renamed(document: bytes) -> bytes:
    """The inner document's root is called `root`, and is otherwise like every other."""
    begin, end = _ROOT
    text = document.strip()
    if not text.startswith(begin) or not text.endswith(end):
        raise ValueError("a notice without its content")
    return b"<xml>" + text[len(begin) : -len(end)] + b"</xml>"
