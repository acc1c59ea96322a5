"""Bills on the third-version wire: first where the file is, then the file.

    GET /v3/bill/tradebill · fundflowbill  ─► hash_type, hash_value, download_url
    GET download_url                       ─► the file, not signed; once, while the link lives

The hash is SHA-1 of the file as it is before compression.
"""

from __future__ import annotations

import gzip
import hashlib

from kiosk.sandbox.bill_calls import day_of
from kiosk.sandbox.bills import BillType
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.parts import Parts
from kiosk.sandbox.reply import File, Reply, decline
from kiosk.sandbox.scripts import Faults
from kiosk.sandbox.v3 import shapes
from kiosk.sandbox.v3.calls import Asked


class BillCalls:
    """Asking for a bill and downloading it; a link lives `link_life` seconds."""

    def __init__(self, parts: Parts, link_life: float) -> None:
        self._merchant = parts.merchant
        self._store = parts.store
        self._clock = parts.clock
        self._chance = parts.chance
        self._bills = parts.bills
        self._link_life = link_life

    def trade(self, asked: Asked, faults: Faults) -> Reply:
        """The link of a trade bill."""
        query = dict(asked.query)
        shapes.check(query, shapes.TRADE_BILL, "/query")
        if query.get("sub_mchid", self._merchant.sub_mch_id) != self._merchant.sub_mch_id:
            raise Refused("NO_RELATION", "sub_mchid与商户没有受理关系")
        decline(faults)
        word = query.get("bill_type", "ALL")
        if word not in BillType.__members__:
            raise Refused("NO_BILL_EXIST", "账单不存在")
        day = day_of(query["bill_date"], "%Y-%m-%d")
        return self._link(asked, self._bills.trade(day, BillType[word]))

    def fund_flow(self, asked: Asked, faults: Faults) -> Reply:
        """The link of a fund-flow bill."""
        query = dict(asked.query)
        shapes.check(query, shapes.FUND_FLOW, "/query")
        decline(faults)
        if query.get("account_type", "BASIC") != "BASIC":
            raise Refused("NO_BILL_EXIST", "账单不存在")
        day = day_of(query["bill_date"], "%Y-%m-%d")
        return self._link(asked, self._bills.fund_flow(day))

    def download(self, asked: Asked, faults: Faults) -> Reply:
        """The file behind a link; the link is spent."""
        decline(faults)
        token = asked.query.get("token", "")
        row = self._store.one("SELECT * FROM download WHERE token = ?", token)
        if row is None or row["expires_at"] < self._clock.now():
            raise Refused("RESOURCE_NOT_EXISTS", "下载地址不存在、已使用或已过期")
        self._store.run("DELETE FROM download WHERE token = ?", token)
        return Reply({}, "FILE", file=File(row["content"], row["media"]))

    def _link(self, asked: Asked, content: bytes) -> Reply:
        token, media, sent = self._chance.randbytes(24).hex(), "text/plain", content
        if asked.query.get("tar_type") == "GZIP":
            media, sent = "application/x-gzip", gzip.compress(content, mtime=0)
        now = self._clock.now()
        self._store.run("DELETE FROM download WHERE expires_at < ?", now)
        self._store.run(
            "INSERT INTO download VALUES (?, ?, ?, ?)", token, sent, media, now + self._link_life
        )
        told = {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(content).hexdigest(),  # noqa: S324  the wallet's own choice
            "download_url": f"{asked.origin}/v3/billdownload/file?token={token}",
        }
        return Reply(told, "SUCCESS")
