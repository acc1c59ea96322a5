"""The face service's calls: what it does, in which state, and whom it answers.

    down ── initWxpayface ─► initialising ── 500 ms ─► ready ── releaseWxpayface ─► down
              others: 271378620    all: 271378621

Of several calls of one kind under way only the last is answered. A face is looked for during 20 s
of the wallet's time; who the shopper is and what he does, the wallet's scripts say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kiosk.sandbox.face_service.shopper import Shopper
from kiosk.sandbox.face_service.wallet import Unreachable, WalletLine
from kiosk.sandbox.face_service.words import (
    INITIALISING,
    NOT_INITIALISED,
    Refusal,
    answer,
    done,
    fields_of,
    name_of,
)

INIT_TAKES = 0.5
WINDOW = 20.0
"""Seconds for which a face is looked for."""

_GRACE = 0.05
"""Seconds that make sure that the time is over by the wallet's clock too."""

LOOK_EVERY = 1.0
SCAN_TAKES = 1.0

_LIMIT = {"FACE_LIMIT_EXCEEDED": "刷脸支付超出限额"}

Answer = dict[str, Any]
Act = Callable[[dict[str, str]], Awaitable[Answer]]


class FaceService:
    """One device's face service; every app that calls it sees the same state."""

    def __init__(self, wallet: WalletLine, shopper: Shopper) -> None:
        self._wallet = wallet
        self._shopper = shopper
        self._key = b""
        self._ready = False
        self._starting: asyncio.Task[None] | None = None
        self._owes_result = False
        self._under_way: dict[str, asyncio.Task[Answer]] = {}
        self._acts: dict[str, Act] = {
            "initWxpayface": self._init,
            "getWxpayfaceRawdata": self._rawdata,
            "getWxpayfaceCode": self._face_code,
            "getWxpayfaceUserInfo": self._user_info,
            "updateWxpayfacePayResult": self._update,
            "startCodeScanner": self._scan,
            "stopCodeScanner": self._stop_scan,
            "reportPaycode": lambda fields: self._told("reportpaycode", fields),
            "reportOrder": lambda fields: self._told("reportorder", fields),
            "releaseWxpayface": self._release,
        }

    async def answer(self, call: Mapping[str, Any]) -> Answer | None:
        """Carry out one call; None where a later one of its kind has overtaken it."""
        try:
            name = name_of(call)
            fields = fields_of(call)
        except Refusal as refusal:
            return refusal.answer
        self._overtake(name)
        task = asyncio.create_task(self._carried_out(name, fields))
        self._under_way[name] = task
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
        overtaken = self._under_way.get(name) is not task
        return None if overtaken or task.cancelled() else task.result()

    def _overtake(self, *names: str) -> None:
        for name in names:
            task = self._under_way.pop(name, None)
            if task is not None and name != "initWxpayface":  # what has begun goes on
                task.cancel()

    async def _carried_out(self, name: str, fields: dict[str, str]) -> Answer:
        try:
            if name != "initWxpayface":
                self._check_ready()
            return await self._acts[name](fields)
        except Refusal as refusal:
            return refusal.answer
        except Unreachable:
            return answer("SYSTEMERROR", "网络异常，请稍后重试")

    # --- the state ------------------------------------------------------------------------------

    def _check_ready(self) -> None:
        if self._starting is not None:
            raise Refusal("ERROR", "正在初始化", INITIALISING)
        if not self._ready:
            raise Refusal("ERROR", "未初始化", NOT_INITIALISED)

    async def _init(self, _: dict[str, str]) -> Answer:
        if self._starting is not None:
            raise Refusal("ERROR", "正在初始化", INITIALISING)
        if not self._ready:
            self._starting = asyncio.create_task(self._start())
            await asyncio.shield(self._starting)  # an app that goes away does not end it
        return done()

    async def _start(self) -> None:
        try:
            moment = await self._wallet.moment()
            self._key = await self._wallet.key()
            await self._wallet.enrol(self._shopper.openid, self._shopper.template)
            await asyncio.sleep(moment.span(INIT_TAKES))
            self._ready = True
        finally:
            self._starting = None

    async def _release(self, _: dict[str, str]) -> Answer:
        self._overtake(*(name for name in self._under_way if name != "releaseWxpayface"))
        self._ready = self._owes_result = False
        return done()

    # --- the camera -----------------------------------------------------------------------------

    async def _rawdata(self, _: dict[str, str]) -> Answer:
        return done(rawdata=self._shopper.nobody(self._key))

    async def _face_code(self, fields: dict[str, str]) -> Answer:
        if fields["face_authtype"] == "FACEPAY_DELAY":
            raise Refusal("ERROR", "暂不支持此认证模式")
        if self._owes_result:
            raise Refusal("ERROR", "上一笔支付的结果尚未通知")
        found = await self._looked("getwxpayfacecode", fields)
        self._owes_result = fields.get("ignore_update_pay_result") == "0"
        more = {name: found[name] for name in ("face_code", "openid")}
        return done(**more, telephone_used="0", underage_state="0")

    async def _user_info(self, fields: dict[str, str]) -> Answer:
        found = await self._looked("getwxpayfaceuserinfo", fields)
        return done(openid=found["openid"], nickname=found["nickname"])

    async def _looked(self, name: str, fields: Mapping[str, str]) -> Answer:
        """Look until the wallet knows the face or says no; raises Refusal, also after 20 s."""
        moment = await self._wallet.moment()
        ends = moment.now + moment.span(WINDOW)
        while moment.now < ends:
            seen = {**fields, "probe": self._shopper.seen(self._key)}
            try:
                found = await self._wallet.call(name, seen, ends - moment.now + _GRACE)
            except Unreachable:
                if (await self._wallet.moment()).now < ends:
                    raise
                break
            if found.get("return_code") == "SUCCESS":
                return found
            if found.get("err") != "FACE_NOT_FOUND":
                raise _refused(found)
            await asyncio.sleep(moment.span(LOOK_EVERY))
            moment = await self._wallet.moment()
        raise Refusal("ERROR", "识别超时")

    async def _scan(self, fields: dict[str, str]) -> Answer:
        if fields["face_authtype"] != "SCAN_CODE":
            raise Refusal("PARAM_ERROR", "参数face_authtype错误")
        await asyncio.sleep((await self._wallet.moment()).span(SCAN_TAKES))
        return done(code_msg=await self._wallet.code(self._shopper.openid))

    async def _stop_scan(self, _: dict[str, str]) -> Answer:
        self._overtake("startCodeScanner")
        return done()

    # --- what the wallet is told ----------------------------------------------------------------

    async def _update(self, fields: dict[str, str]) -> Answer:
        told = await self._told("updatewxpayfacepayresult", fields)
        self._owes_result = False
        return told

    async def _told(self, name: str, fields: Mapping[str, str]) -> Answer:
        said = await self._wallet.call(name, fields)
        if said.get("return_code") != "SUCCESS":
            raise _refused(said)
        return done()


def _refused(said: Mapping[str, Any]) -> Refusal:
    sentence = _LIMIT.get(str(said.get("err")), str(said.get("return_msg", "")))
    return Refusal(str(said.get("return_code", "SYSTEMERROR")), sentence)
