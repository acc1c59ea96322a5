"""What a merchant configures for the third-version interface, checked when it is read."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from kiosk.channels.wechatpay.options import PAY_URL

LONGEST_CODE_LIFE = 7200.0  # seconds that a code_url can be scanned, by the Native document
_SHORTEST_ORDER = 70.0  # seconds: the same document's minute, and some for two clocks

# Lengths of the fields in the channel's documents, in characters.
_LENGTHS: Mapping[str, int] = {
    "appid": 32,
    "mch_id": 32,
    "sub_appid": 32,
    "sub_mch_id": 32,
    "device_id": 32,
    "notify_url": 255,
}
_PATHS = (
    "private_key_path",
    "certificate_path",
    "public_key_path",
    "ca_path",
)


@dataclass(frozen=True, slots=True)
class WechatNativeOptions:
    """One merchant's account at one terminal; times in seconds.

    `key` is the APIv3 key (32 bytes) of `mch_id`; `private_key_path` is what signs our requests,
    and `serial_no` the number of its certificate, which may be read from `certificate_path`
    instead. A service provider puts its own numbers into `appid` and `mch_id` and the shop's into
    `sub_mch_id`; every call then goes to the partner's paths. What answers are checked with is the
    WeChat Pay public key (`public_key_id`, `public_key_path`), or else certificates that are
    fetched; while a merchant changes from these to that, both are accepted. `notify_url` must
    be public https, although a kiosk is complete without it; what arrives there may be passed on to
    `notify_listen` (host:port) of this kiosk. `qr_life` is how long the code on the
    screen can be paid. `backup_url` serves what may be asked twice, never the making of an order.
    A sandbox may run `speed` times as fast as the wallet, and then so do the channel's own spans.
    """

    appid: str
    mch_id: str
    key: str = field(repr=False)
    device_id: str
    notify_url: str
    private_key_path: Path
    serial_no: str = ""
    certificate_path: Path | None = None
    public_key_id: str = ""
    public_key_path: Path | None = None
    sub_appid: str = ""
    sub_mch_id: str = ""
    notify_listen: str = ""
    client_ip: str = "127.0.0.1"
    name: str = "wechatpay-native"
    sandbox: bool = False
    qr_life: float = 120.0
    pay_url: str = PAY_URL
    backup_url: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 10.0
    answer_within: float = 30.0
    query_after: float = 2.0
    query_every: float = 2.5
    speed: float = 1.0
    ca_path: Path | None = None

    def __post_init__(self) -> None:
        """Raises ValueError with the name of the wrong option, never with the key's value."""
        for name in _PATHS:
            said = getattr(self, name)
            object.__setattr__(self, name, Path(said) if said else None)
        for name in ("appid", "mch_id", "device_id", "name", "private_key_path"):
            _expect(bool(getattr(self, name)), name, "must not be empty")
        for name, length in _LENGTHS.items():
            _expect(len(getattr(self, name)) <= length, name, f"has more than {length} characters")
        for name in ("appid", "mch_id", "sub_appid", "sub_mch_id"):
            said = getattr(self, name)
            _expect(said.isascii() and (said.isalnum() or not said), name, "is no such number")
        _expect(len(self.key) == 32 and self.key.isascii(), "key", "must have 32 ASCII characters")
        _expect(_is_address(self.client_ip), "client_ip", "must be an IPv4 or IPv6 address")
        self._check_keys()
        self._check_url("pay_url", self.pay_url)
        if self.backup_url:
            self._check_url("backup_url", self.backup_url)
        notified = self._check_url("notify_url", self.notify_url)
        _expect("?" not in self.notify_url, "notify_url", "must not have a query")
        _expect(not notified.fragment, "notify_url", "must not have a fragment")
        host, _, port = self.notify_listen.rpartition(":")
        listens = bool(host) and port.isascii() and port.isdigit() and int(port) < 65536
        _expect(listens or not self.notify_listen, "notify_listen", "must be host:port")
        for name in ("connect_timeout", "read_timeout", "answer_within", "query_every"):
            _expect(getattr(self, name) > 0, name, "must be more than 0 seconds")
        _expect(self.query_after >= 0, "query_after", "must not be negative")
        fast = self.speed >= 1 if self.sandbox else self.speed == 1
        _expect(fast, "speed", "must be 1, or more in the sandbox")
        lives = _SHORTEST_ORDER / self.speed <= self.qr_life <= LONGEST_CODE_LIFE
        _expect(lives, "qr_life", "must be 70 to 7200 seconds")

    @property
    def partner(self) -> bool:
        """Whether a service provider calls for a shop."""
        return bool(self.sub_mch_id)

    def _check_keys(self) -> None:
        named = bool(self.serial_no) or self.certificate_path is not None
        _expect(named, "serial_no", "is missing, and certificate_path as well")
        hexadecimal = all(each in "0123456789ABCDEFabcdef" for each in self.serial_no)
        _expect(hexadecimal, "serial_no", "must be the hexadecimal number of the certificate")
        both = bool(self.public_key_id) == (self.public_key_path is not None)
        _expect(both, "public_key_id", "and public_key_path belong together")
        printable = self.public_key_id.isascii() and self.public_key_id.isprintable()
        _expect(printable, "public_key_id", "has characters that no such number has")

    def _check_url(self, name: str, url: str) -> SplitResult:
        parts = urlsplit(url)
        _expect(parts.scheme in ("https", "http") and bool(parts.hostname), name, "is not a URL")
        _expect(parts.scheme == "https" or self.sandbox, name, "must be https outside the sandbox")
        return parts


def _expect(fulfilled: bool, name: str, complaint: str) -> None:  # noqa: FBT001 - an assertion
    if not fulfilled:
        raise ValueError(f"{name} {complaint}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
