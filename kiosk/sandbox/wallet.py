r"""The wallet's holders, their money, and the codes they show or their faces stand for.

A code is 18 digits, `^1[0-5]\d{16}$`, lives 60 s and is spent by its first use, whether that use
succeeds or fails; the older kind of face code is 20 letters and digits. A face code is bound to the
order number, the amount, the device and the sub-merchant of the face service's call; a payment code
to nothing but its holder.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import dataclass
from enum import Enum
from string import ascii_letters, digits
from typing import Any

from kiosk.sandbox.clock import Clock
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.store import Store
from kiosk.sandbox.wire import Fields

OPENING_BALANCE = 1_000_000
"""Fen a new holder has when nobody says otherwise: 10 000 yuan."""

CODE_LIFE = 60.0
"""Seconds a code can be paid with."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a face code was given for; the pay call must say the same, where it was said."""

    out_trade_no: str
    total_fee: int
    device_id: str
    sub_mch_id: str

    def fits(self, fields: Fields) -> bool:
        """Whether a micropay request is for this very order; device_info is optional there."""
        return (
            self.out_trade_no in {"", fields["out_trade_no"]}
            and self.total_fee in {0, int(fields["total_fee"])}
            and fields.get("sub_mch_id", "") == self.sub_mch_id
            and fields.get("device_info", "") in {"", self.device_id}
        )


class Kind(Enum):
    """What a code is."""

    PAYMENT = "payment"  # shown by the shopper
    FACE = "face"  # for micropay: face_code_type 1
    OLD_FACE = "face0"  # for facepay: face_code_type 0


class Wallet:
    """Holders, balances and codes. Σ balances + money held by orders = Σ funded, always."""

    def __init__(self, store: Store, clock: Clock, chance: random.Random, secret: bytes) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._secret = secret

    def mark(self, code: str) -> str:
        """The keyed hash a code is known by on disk."""
        return hmac.new(self._secret, code.encode(), hashlib.sha256).hexdigest()

    def new_openid(self) -> str:
        """A fresh openid: 28 characters, as the wallet's."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
        return "o" + "".join(self._chance.choices(letters, k=27))

    def hold(self, openid: str, name: str, balance: int | None) -> None:
        """Open an account, or rename and fund one; "" and None leave name and fen as they are."""
        if not self.knows(openid):
            self._store.run("INSERT INTO holder VALUES (?, 'Shopper', 0, 0)", openid)
            balance = OPENING_BALANCE if balance is None else balance
        if name:
            self._store.run("UPDATE holder SET name = ? WHERE openid = ?", name, openid)
        if balance is not None:
            self._store.run(
                "UPDATE holder SET funded = funded + ? - balance, balance = ? WHERE openid = ?",
                *(balance, balance, openid),
            )

    def knows(self, openid: str) -> bool:
        """Whether there is such a holder."""
        return self._store.one("SELECT 1 FROM holder WHERE openid = ?", openid) is not None

    def mint(self, openid: str, binding: Binding | None = None, kind: Kind = Kind.PAYMENT) -> str:
        """A new code of a holder; a face code is bound."""
        code = f"1{self._chance.randrange(6)}{self._chance.randrange(10**16):016d}"
        if kind is Kind.OLD_FACE:
            code = "".join(self._chance.choices(ascii_letters + digits, k=20))
        bound = binding or Binding("", 0, "", "")
        self._store.run(
            "INSERT INTO code VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?)",
            self.mark(code),
            kind.value,
            openid,
            self._clock.now() + CODE_LIFE,
            bound.out_trade_no,
            bound.total_fee,
            bound.device_id,
            bound.sub_mch_id,
        )
        return code

    def spend(self, code: str, fields: Fields) -> str:
        """The openid behind a pay request's code, which is spent from now on; raises Refused."""
        row = self._unspent(code)
        if (Kind(row["kind"]) is Kind.OLD_FACE) != ("face_code" in fields):
            raise Refused("PARAM_ERROR", "face_code无效")
        self._store.run(
            "UPDATE code SET spent_by = ? WHERE mark = ?", fields["out_trade_no"], row["mark"]
        )
        self._check_life(row)
        if Kind(row["kind"]) is not Kind.PAYMENT and not _binding(row).fits(fields):
            raise Refused("PARAM_ERROR", "face_code业务信息不匹配")
        return str(row["openid"])

    def use_up(self, code: str) -> None:
        """Spend a code for nothing, as somebody else would."""
        self._store.run("UPDATE code SET spent_by = '' WHERE mark = ?", self.mark(code))

    def whose(self, code: str) -> str:
        """The openid behind a code, which can still be paid with afterwards; raises Refused."""
        row = self._unspent(code)
        self._check_life(row)
        return str(row["openid"])

    def _unspent(self, code: str) -> dict[str, Any]:
        row = self._store.one("SELECT * FROM code WHERE mark = ?", self.mark(code))
        if row is None:
            raise Refused("AUTH_CODE_ERROR", "付款码无效，请刷新付款码后重试")
        if row["spent_by"] is None:
            return row
        if Kind(row["kind"]) is Kind.PAYMENT:
            raise Refused("AUTH_CODE_ERROR", "101 每个二维码仅限使用一次，请刷新再试")
        raise Refused("PARAM_ERROR", "face_code已被使用")

    def _check_life(self, row: dict[str, Any]) -> None:
        if row["expires_at"] < self._clock.now():
            raise Refused("AUTHCODEEXPIRE", "101 付款码已过期，请刷新再试")

    def debit(self, openid: str, fen: int, coupon: int = 0) -> bool:
        """Take money; False, and nothing taken, where there is too little.

        `coupon` of it is funded by whoever gave the coupon, at this moment.
        """
        cash = fen - coupon
        taken = self._store.run(
            "UPDATE holder SET balance = balance - ?, funded = funded + ?"
            " WHERE openid = ? AND balance >= ?",
            *(cash, coupon, openid, cash),
        )
        return taken == 1

    def credit(self, openid: str, fen: int, coupon: int = 0) -> None:
        """Give money back; `coupon` of it to whoever had funded it."""
        self._store.run(
            "UPDATE holder SET balance = balance + ?, funded = funded - ? WHERE openid = ?",
            *(fen - coupon, coupon, openid),
        )


def _binding(row: dict[str, object]) -> Binding:
    return Binding(
        str(row["out_trade_no"]),
        int(str(row["total_fee"])),
        str(row["device_id"]),
        str(row["sub_mch_id"]),
    )
