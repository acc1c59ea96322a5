"""The face service's line: one JSON object a line each way, on a Unix socket or a loopback port.

Answers come as they are ready, with the `cmd` they answer; a call that was overtaken has none.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kiosk.sandbox.face_service.words import answer

LONGEST = 64 * 1024
"""Bytes of one line."""

Answering = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any] | None]]


class Line:
    """Serves every app that connects."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def open(self, listen: str) -> asyncio.Server:
        """Listen at a port of this machine (0: a free one) or at a path; raises OSError."""
        if listen.isdecimal():
            return await asyncio.start_server(self._serve, "127.0.0.1", int(listen), limit=LONGEST)
        return await asyncio.start_unix_server(self._serve, listen, limit=LONGEST)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls: set[asyncio.Task[None]] = set()
        try:
            while text := await reader.readline():
                call = asyncio.create_task(self._call(text, writer))
                calls.add(call)
                call.add_done_callback(calls.discard)
            if calls:
                await asyncio.wait(calls)  # who has said all may still be listening
        except (ValueError, OSError):  # a line without end, or a cut one
            pass
        finally:
            for call in calls:
                call.cancel()
            writer.close()

    async def _call(self, text: bytes, writer: asyncio.StreamWriter) -> None:
        call = _read(text)
        if call is None:
            said: dict[str, Any] | None = answer("PARAM_ERROR", "JSON格式错误")
        else:
            said = await self._answering(call)
        if said is None or writer.is_closing():
            return
        named = {"cmd": call["cmd"]} if call and isinstance(call.get("cmd"), str) else {}
        writer.write(json.dumps({**named, **said}).encode() + b"\n")


def _read(text: bytes) -> dict[str, Any] | None:
    try:
        call = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return call if isinstance(call, dict) else None
