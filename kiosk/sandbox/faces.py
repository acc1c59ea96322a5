"""The wallet's face back end: enrolled faces, authinfo, and the code a recognised face is worth.

    rawdata ──► authinfo ──► one judgement, 1:N ──► face code for one order on one device
                               best cosine ≥ 0.45 and ≥ 0.05 better than the next person's

A rawdata is judged once, whatever the judgement: the keyed hash of it stays, and a replay is
refused at both doors. Asking for its authinfo again before that is a repeat of a lost answer.
A face service that looks only after it has the authinfo sends a probe with each of its calls: that
is judged in place of the rawdata, and the authinfo serves until it expires.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.sandbox.clock import Clock
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.merchant import Merchant, WalletKeys
from kiosk.sandbox.probe import Authinfo, Probe, Unreadable, open_probe
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Binding, Kind, Wallet
from kiosk.sandbox.wire import Fields

AUTHINFO_LIFE = 3600
THRESHOLD = 0.45
MARGIN = 0.05
FACE_LIMIT = 100_000
"""1000 yuan: the most one face payment may be, by default."""


@dataclass(frozen=True, slots=True)
class FaceCode:
    """A recognised holder and the code that pays once for him."""

    face_code: str
    openid: str


@dataclass(frozen=True, slots=True)
class Identified:
    """A recognised holder."""

    openid: str
    name: str


class Faces:
    """Enrolment, authinfo and recognition."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        chance: random.Random,
        wallet: Wallet,
        merchant: Merchant,
        keys: WalletKeys,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._wallet = wallet
        self._merchant = merchant
        self._keys = keys

    def enrol(self, openid: str, template: Sequence[float]) -> None:
        """Keep a holder's template, scaled to unit length; raises ValueError for a useless one."""
        length = math.sqrt(math.fsum(value * value for value in template))
        if not 16 <= len(template) <= 512 or not math.isfinite(length) or length < 1e-6:
            raise ValueError("a template is 16 to 512 finite numbers that are not all zero")
        packed = struct.pack(f"<{len(template)}f", *(value / length for value in template))
        self._store.run("INSERT OR REPLACE INTO face VALUES (?, ?)", openid, packed)

    def forget(self, openid: str | None) -> int:
        """Delete one holder's template, or everybody's; how many there were."""
        return self._store.run("DELETE FROM face WHERE openid = coalesce(?, openid)", openid)

    def enrolled(self) -> list[dict[str, object]]:
        """Who is enrolled; never the templates."""
        return self._store.all(
            "SELECT openid, name, length(template) / 4 AS dim, balance"
            " FROM face JOIN holder USING (openid) ORDER BY openid"
        )

    def authinfo(self, fields: Fields) -> str:
        """Authinfo bound to device, store and rawdata; raises Refused("ERROR", …)."""
        rawdata = fields["rawdata"]
        self._open(rawdata)
        self._refuse_replay(rawdata)
        note = Authinfo(
            device_id=fields["device_id"],
            store_id=fields["store_id"],
            sub_mch_id=fields.get("sub_mch_id", ""),
            expires_at=self._clock.now() + AUTHINFO_LIFE,
            rawdata=rawdata,
        )
        return note.sealed(self._keys.authinfo, self._chance.randbytes(12))

    def face_code(self, fields: Fields) -> FaceCode:
        """Judge the probe behind an authinfo; raises Refused with the face service's codes."""
        note = self._note(fields)
        fen = int(fields.get("total_fee") or 0)
        if fen > FACE_LIMIT:
            raise Refused("FACE_LIMIT_EXCEEDED", "刷脸支付超出限额")
        openid = self._judge(fields, note)
        number = fields.get("out_trade_no", "")
        binding = Binding(number, fen, note.device_id, note.sub_mch_id)
        older = fields.get("face_code_type") != "1"
        kind = Kind.OLD_FACE if older else Kind.FACE
        return FaceCode(self._wallet.mint(openid, binding, kind), openid)

    def identify(self, fields: Fields) -> Identified:
        """Judge the probe behind an authinfo for its name only; it is worth no code."""
        openid = self._judge(fields, self._note(fields))
        row = self._store.one("SELECT openid, name FROM holder WHERE openid = ?", openid)
        assert row is not None, "a face has a holder"
        return Identified(**row)

    def check_authinfo(self, fields: Fields) -> None:
        """Raise Refused unless the authinfo is good, and this merchant's."""
        self._note(fields)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that probes are sealed for."""
        return self._keys.private.public_key().public_bytes_raw()

    def _judge(self, fields: Fields, note: Authinfo) -> str:
        """The openid of who was seen: in a probe of the call itself, else in the rawdata."""
        seen = fields.get("probe") or note.rawdata
        self._refuse_replay(seen)
        self._store.run("INSERT INTO probe VALUES (?, ?)", self._mark(seen), self._clock.now())
        return self._recognise(self._open(seen))

    def _note(self, fields: Fields) -> Authinfo:
        try:
            note = Authinfo.opened(self._keys.authinfo, fields["authinfo"])
        except Unreadable as error:
            raise Refused("AUTHINFO_INVALID", "无效的authinfo") from error
        said = (fields["appid"], fields["mch_id"], fields["store_id"], fields.get("sub_mch_id", ""))
        known = (self._merchant.appid, self._merchant.mch_id, note.store_id, note.sub_mch_id)
        if said != known:
            raise Refused("AUTHINFO_INVALID", "authinfo与商户信息不匹配")
        if note.expires_at < self._clock.now():
            raise Refused("AUTHINFO_EXPIRED", "authinfo已过期")
        return note

    def _open(self, rawdata: str) -> Probe:
        try:
            return open_probe(self._keys.private, rawdata)
        except Unreadable as error:
            raise Refused("RAWDATA_INVALID", "无效的RawData数据") from error

    def _mark(self, rawdata: str) -> str:
        return hmac.new(self._keys.marks, rawdata.encode(), hashlib.sha256).hexdigest()

    def _refuse_replay(self, rawdata: str) -> None:
        seen = self._store.one("SELECT 1 FROM probe WHERE mark = ?", self._mark(rawdata))
        if seen is not None:
            raise Refused("RAWDATA_INVALID", "无效的RawData数据")

    def _recognise(self, probe: Probe) -> str:
        """The openid of the one enrolled person this is; raises Refused FACE_NOT_FOUND."""
        scores = sorted(
            (
                (_cosine(probe.template, row["template"]), str(row["openid"]))
                for row in self._store.all("SELECT openid, template FROM face")
            ),
            reverse=True,
        )
        if not scores or scores[0][0] < THRESHOLD:
            raise Refused("FACE_NOT_FOUND", "未识别到用户")
        if len(scores) > 1 and scores[0][0] - scores[1][0] < MARGIN:
            raise Refused("FACE_NOT_FOUND", "无法确认用户身份")
        return scores[0][1]


def _cosine(template: Sequence[float], packed: bytes) -> float:
    """Cosine of two unit vectors; −1 where they come from different nets."""
    if len(packed) != 4 * len(template):
        return -1.0
    enrolled = struct.unpack(f"<{len(template)}f", packed)
    return math.fsum(a * b for a, b in zip(template, enrolled, strict=True))
