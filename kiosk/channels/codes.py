"""What a scan is: a payment code, goods, a label of the shop, a link, a member, or nothing known.

    18 digits 10…15                      WeChat Pay      16–24 digits 25…30     Alipay
    19 digits 62…                        UnionPay        19 digits 01…          e-CNY
    base64 of an EMV "CPV01" payload     UnionPay        8, 12, 13, 14 digits   goods (GTIN)
    13 digits 20…29, 18 digits 20…24     label of the shop's own scale
    element string or link of GS1        goods with weight, price, number, last day

A GS1 string of 19 digits that begins with 01 looks like an e-CNY code: only the kind of symbol,
which the scanner tells, says which it is.

The number ranges are the ones that the wallets publish for their codes. A payment code lives for
about a minute and pays once: it is never written anywhere, and `SpentCodes` remembers only a keyed
digest of it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from kiosk.domain.catalogue import WrongCheckDigit
from kiosk.domain.gs1 import GS, NotElements, TradeItem, read_trade_item

LONGEST_SCAN = 4096  # characters; the largest QR code holds 4,296 of its poorest alphabet
LONGEST_MEMBER = 32  # characters of a WeChat coupon code, the longest of the kinds


class Wallet(Enum):
    """Who issues a payment code; the values are the channels' usual names."""

    WECHAT = "wechatpay"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"
    ECNY = "ecny"


class Doubt(Enum):
    """Why a scan is not understood."""

    EMPTY = "EMPTY"
    CHECK_DIGIT = "CHECK_DIGIT"
    TOO_LONG = "TOO_LONG"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A code out of a shopper's wallet: single use, never written or logged whole."""

    wallet: Wallet
    value: str = field(repr=False)

    @property
    def ending(self) -> str:
        """The last four characters, all that a log may hold."""
        return ending(self.value)


@dataclass(frozen=True, slots=True)
class Goods:
    """A GTIN of 8, 12, 13 or 14 digits with a right check digit."""

    digits: str


@dataclass(frozen=True, slots=True)
class WeighedLabel:
    """A label that the shop printed itself; its template reads and checks it."""

    digits: str


@dataclass(frozen=True, slots=True)
class CollectCode:
    """A QR that asks its reader to pay; a kiosk collects, so it is the wrong one."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web address; `host` is in lower case, without user name and port."""

    url: str
    host: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member or coupon code that starts with one of the configured prefixes."""

    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing that the kiosk knows."""

    text: str = field(repr=False)
    doubt: Doubt


Scan = PaymentCode | Goods | TradeItem | WeighedLabel | CollectCode | Link | Member | Unknown

# [0-9], never \d: that would let Arabic-Indic and other digits through to the wallet.
_WALLETS: Sequence[tuple[re.Pattern[str], Wallet]] = (
    (re.compile(r"1[0-5][0-9]{16}"), Wallet.WECHAT),
    (re.compile(r"(?:2[5-9]|30)[0-9]{14,22}"), Wallet.ALIPAY),
    (re.compile(r"62[0-9]{17}"), Wallet.UNIONPAY),
    (re.compile(r"01[0-9]{17}"), Wallet.ECNY),
    # EMVCo consumer-presented mode: tag 85, length 5, "CPV01", in base64; of the tenth character
    # two bits are the text's and four the next tag's, so Q to Z and a to f are all the same start
    (re.compile(r"hQVDUFYwM[Q-Za-f][0-9A-Za-z+/]*={0,2}"), Wallet.UNIONPAY),
)
_WEIGHED = re.compile(r"2[0-9]{12}|2[0-4][0-9]{16}")
_DIGITS = re.compile(r"[0-9]+")
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_MERCHANT_PRESENTED = re.compile(r"000201[0-9].*")  # EMVCo: format indicator "01"
_LINK = re.compile(r"(?:https?|weixin|wxp|alipays?)://\S+", re.IGNORECASE)
_COLLECT_SCHEMES = frozenset({"wxp", "weixin", "alipay", "alipays"})
_COLLECT_HOSTS = frozenset({"qr.alipay.com", "qr.95516.com", "payapp.weixin.qq.com"})
_GS1_SYMBOL = re.compile(r"\](?:C1|e[0-3]|d[25]|Q[34])")  # AIM identifiers that were not taken off
_ITEM = re.compile(r"01[0-9]{14}|\(01\)|https?://\S+/01/[0-9]{8}", re.IGNORECASE)
_AROUND = " \t\r\n\0\ufeff"
_FULL_WIDTH: Mapping[int, str] = {0xFF10 + digit: str(digit) for digit in range(10)}


def classify(scan: str, member_prefixes: Sequence[str] = (), *, gs1: bool = False) -> Scan:
    """What `scan` is, whatever the screen shows; never raises.

    `gs1`: the scanner says that its symbol holds an element string of GS1.

    The caller knows the context: while goods are scanned a payment code is dropped and the shopper
    is asked whether to pay; while a code is awaited goods are a wrong code. A 13-digit number that
    starts with 2 is a label of the shop, so its template, not this function, checks its last digit.
    """
    if len(scan) > LONGEST_SCAN:
        return Unknown(scan[:LONGEST_SCAN], Doubt.TOO_LONG)
    text = _clean(scan)
    if not text:
        return Unknown("", Doubt.EMPTY)
    symbol = _GS1_SYMBOL.match(text)
    elements = scan.strip(_AROUND)[symbol.end() if symbol else 0 :]
    marked = gs1 or symbol is not None or GS in elements.strip(GS)
    known: Scan | None = _marked(elements) if marked else None
    known = known or _payment_code(text) or _goods(text) or _other(text, elements)
    if known is not None:
        return known
    if len(text) <= LONGEST_MEMBER and any(text.startswith(p) for p in member_prefixes if p):
        return Member(text)
    return Unknown(text, Doubt.CHECK_DIGIT if _is_gtin_long(text) else Doubt.OTHER)


def has_check_digit(digits: str) -> bool:
    """Whether the last ASCII digit is the GS1 check digit of the others (weights 3, 1)."""
    total = sum(
        int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(digits[-2::-1])
    )
    return (10 - total % 10) % 10 == int(digits[-1])


def ending(code: str) -> str:
    """What a log may hold of a code: its last four characters, or nothing of a short one."""
    return code[-4:] if len(code) >= 12 else ""


def card_prefix_trouble(prefix: str) -> str:
    """Why the numbers of a shop's own cards must not begin so; "" where they may."""
    if not re.fullmatch(r"[0-9]{2,15}", prefix):
        return f"{prefix!r} is not 2 to 15 digits"
    first = int(prefix[:2])
    if first in (1, 62) or 10 <= first <= 15 or 20 <= first <= 30:
        return f"{prefix} is how the codes of a wallet or of the shop's scale begin"
    return ""


class SpentCodes:
    """Remembers for a while which codes were sent, so that none is sent twice.

    Holds HMAC-SHA256 digests under `key`, drawn anew at each start and never stored: neither the
    memory nor a dump of it tells a code. Safe for threads.
    """

    def __init__(self, key: bytes, seconds: float = 120.0) -> None:
        """`seconds` is twice the life of the longest-lived payment code."""
        self._key = key
        self._seconds = seconds
        self._until: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def spend(self, code: str, now: float) -> bool:
        """Whether `code` may be sent: True the first time, False again within the time.

        `now` is in seconds of a clock that never goes back.
        """
        digest = hmac.new(self._key, code.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        with self._lock:
            self._until = {seen: until for seen, until in self._until.items() if until > now}
            if digest in self._until:
                return False
            self._until[digest] = now + self._seconds
            return True


def _clean(scan: str) -> str:
    """Without what scanners put around a code; spaces inside go where only digits remain."""
    kept = "".join(c for c in scan if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
    text = kept.strip().translate(_FULL_WIDTH)
    joined = "".join(text.split())
    return joined if _DIGITS.fullmatch(joined) else text


def _payment_code(text: str) -> PaymentCode | None:
    for pattern, wallet in _WALLETS:
        if pattern.fullmatch(text):
            return PaymentCode(wallet, text)
    return None


def _goods(text: str) -> Goods | WeighedLabel | None:
    if _WEIGHED.fullmatch(text):
        return WeighedLabel(text)
    if _is_gtin_long(text) and has_check_digit(text):
        return Goods(text)
    whole = upc_a(text)
    return Goods(whole) if whole is not None else None


def upc_a(text: str) -> str | None:
    """The 12 digits that a UPC-E of 8 stands for; None where it is none, or misread.

    Source: GS1 General Specifications, section 5.2.2.4.2: the last of its six tells where the
    zeros are.
    """
    if not re.fullmatch(r"[01][0-9]{7}", text):
        return None
    system, body, check = text[0], text[1:7], text[7]
    match body[5]:
        case "0" | "1" | "2":
            middle = f"{body[:2]}{body[5]}0000{body[2:5]}"
        case "3":
            middle = f"{body[:3]}00000{body[3:5]}"
        case "4":
            middle = f"{body[:4]}00000{body[4]}"
        case _:
            middle = f"{body[:5]}0000{body[5]}"
    whole = f"{system}{middle}{check}"
    return whole if has_check_digit(whole) else None


def _other(text: str, elements: str) -> TradeItem | Unknown | Link | CollectCode | None:
    """Addresses; and element strings of which nothing but their form tells."""
    address = _address(text)
    if not isinstance(address, CollectCode) and _ITEM.match(elements):
        return _marked(elements) or address
    return address


def _marked(text: str) -> TradeItem | Unknown | None:
    """What an element string or a link of GS1 says; None where it is neither."""
    if not text.isascii():
        return None
    try:
        return read_trade_item(text)
    except WrongCheckDigit:
        return Unknown(text, Doubt.CHECK_DIGIT)
    except NotElements:
        return None


def _is_gtin_long(text: str) -> bool:
    return len(text) in _GTIN_LENGTHS and _DIGITS.fullmatch(text) is not None


def _address(text: str) -> Link | CollectCode | None:
    if _MERCHANT_PRESENTED.fullmatch(text):
        return CollectCode(text)
    if not _LINK.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme.lower() in _COLLECT_SCHEMES or host in _COLLECT_HOSTS:
        return CollectCode(text)
    return Link(text, host) if host else None
