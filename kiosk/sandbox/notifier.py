"""Sends the wallet's notices to the merchant, with the faults a script asks for.

    due ─► POST ─► taken, in the words of its wire: done
                ─► anything else, or nothing in 5 s: again later

Only a receiver on this machine is ever called. A notice whose signature does not hold must be
refused; the audit names the one who took it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from kiosk.sandbox.letters import Letters
from kiosk.sandbox.notices import Notice, Notices
from kiosk.sandbox.order import Wire
from kiosk.sandbox.parts import Parts
from kiosk.sandbox.posting import Answer, post
from kiosk.sandbox.scripts import Api, Faults, Subject

TICK = 0.1
"""Seconds between two looks at what is due."""

log = logging.getLogger("kiosk.sandbox")


class Notifier:
    """The one that sends."""

    def __init__(self, parts: Parts, notices: Notices, letters: Mapping[Wire, Letters]) -> None:
        self._parts = parts
        self._notices = notices
        self._letters = letters

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            with self._parts.store.transaction():
                self._parts.books.sweep()
                due = self._notices.due()
            await asyncio.gather(*(self._tell(notice) for notice in due))
            await asyncio.sleep(TICK)

    async def _tell(self, notice: Notice) -> None:
        """One try, struck by its scripts."""
        with self._parts.store.transaction():
            faults = self._parts.scripts.take(Api.NOTIFY, notice.out_trade_no)
            if "out-of-order" in faults:
                self._notices.hold(notice)
                return
            if "late" in faults:
                self._notices.put_off(notice, faults.seconds("late"))
                return
        if "signtest" in faults:
            await self._send(notice, Faults({"signtest": ""}))
        taken = await self._send(notice, faults.without("signtest"))
        if "duplicate" in faults and taken:
            await self._send(notice, Faults({}))
        with self._parts.store.transaction():
            if taken:
                self._notices.accepted(notice)
            else:
                self._notices.failed(notice)

    async def _send(self, notice: Notice, faults: Faults) -> bool:
        """Send it once and record it; whether it was taken."""
        audit, subject = self._parts.audit, Subject(notice.out_trade_no, notice.out_refund_no)
        news = self._notices.news(notice)
        if news is None:
            return False
        with self._parts.store.transaction():
            seq = audit.arrived(Api.NOTIFY, subject)
            audit.struck(seq, str(faults))
        letters = self._letters[news.wire]
        letter = letters.write(notice, news, faults)
        answer = None
        if "drop-request" not in faults:
            answer = await post(notice.url, letter.headers, letter.body)
        taken = answer is not None and letters.taken(answer)
        word = _word(answer, taken=taken)
        with self._parts.store.transaction():
            audit.answered(seq, word, definite=taken and letter.sound)
        log.info("notify %s out_trade_no=%s answer=%s", notice.kind, notice.out_trade_no, word)
        return taken


def _word(answer: Answer | None, *, taken: bool) -> str:
    """The answer in the audit."""
    if answer is None:
        return "NONE"
    refused = answer.status == 200 and not taken
    return f"HTTP {answer.status}{' FAIL' if refused else ''}"
