"""Sends the wallet's notices to the merchant, with the faults a script asks for.

    due ─► POST ─► 200 or 204: done
                ─► anything else, or nothing in 5 s: again later

Only a receiver on this machine is ever called. A notice whose signature does not hold must be
refused; the audit names the one who took it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from urllib.parse import urlsplit

from kiosk.sandbox.parts import Parts
from kiosk.sandbox.scripts import Api, Faults, Subject
from kiosk.sandbox.v3.notices import Notice, Notices, envelope
from kiosk.sandbox.v3.wire import SIGNTEST, Signer

PATIENCE = 5.0
"""Seconds a receiver has."""

TICK = 0.1
"""Seconds between two looks at what is due."""

ACCEPTED = {200, 204}

log = logging.getLogger("kiosk.sandbox")


class Notifier:
    """The one that sends."""

    def __init__(self, parts: Parts, notices: Notices, signer: Signer) -> None:
        self._parts = parts
        self._notices = notices
        self._signer = signer

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
        status = await self._send(notice, faults.without("signtest"))
        if "duplicate" in faults and status in ACCEPTED:
            await self._send(notice, Faults({}))
        with self._parts.store.transaction():
            if status in ACCEPTED:
                self._notices.accepted(notice)
            else:
                self._notices.failed(notice)

    async def _send(self, notice: Notice, faults: Faults) -> int | None:
        """Send it once and record it; the status, None where there was no answer."""
        audit, subject = self._parts.audit, Subject(notice.out_trade_no, notice.out_refund_no)
        told = self._notices.content(notice)
        if told is None:
            return None
        with self._parts.store.transaction():
            seq = audit.arrived(Api.NOTIFY, subject)
            audit.struck(seq, str(faults))
        event_type, content = told
        plain = json.dumps(content, ensure_ascii=False).encode()
        body = envelope(notice, event_type, self._signer.seal(plain, notice.kind))
        signature = ""
        if "signtest" in faults or "wrong-signature" in faults:
            signature = self._signer.wrong(SIGNTEST if "signtest" in faults else "")
        status = None
        if "drop-request" not in faults:
            status = await post(notice.url, self._signer.headers(body, signature=signature), body)
        with self._parts.store.transaction():
            definite = status in ACCEPTED and not signature
            audit.answered(seq, f"HTTP {status}" if status else "NONE", definite=definite)
        log.info("notify %s out_trade_no=%s answer=%s", event_type, notice.out_trade_no, status)
        return status


async def post(url: str, headers: dict[str, str], body: bytes) -> int | None:
    """POST to a receiver on this machine; the status, or None where there was no answer."""
    where = urlsplit(url)
    if where.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return None
    context = None
    if where.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = (
            ssl.CERT_NONE
        )  # a receiver on this machine has a certificate of its own
    port = where.port or (443 if context else 80)
    lines = [f"POST {where.path or '/'} HTTP/1.1", f"Host: {where.netloc}", "Connection: close"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode() + body
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(where.hostname, port, ssl=context)
            try:
                writer.write(request)
                return int((await reader.readline()).split()[1])
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError, IndexError):
        return None
