"""One HTTP request to somebody on this machine, and as much of the answer as came."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 5.0
"""Seconds a receiver has."""

LONGEST = 64 * 1024
"""Bytes of an answer that are read."""


class Unreadable(Exception):
    """No HTTP answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said."""

    status: int
    body: bytes


async def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
    """POST to a receiver on this machine; None where there was no answer."""
    return await request("POST", url, headers, body)


async def request(
    method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float = PATIENCE
) -> Answer | None:
    """One request to somebody on this machine; None where there was no answer in `patience` s."""
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
    lines = [f"{method} {where.path or '/'} HTTP/1.1", f"Host: {where.netloc}", "Connection: close"]
    lines += [f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    sent = "\r\n".join([*lines, "", ""]).encode() + body
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(where.hostname, port, ssl=context)
            try:
                writer.write(sent)
                return await answer_from(reader)
            finally:
                writer.close()
    except (OSError, TimeoutError, Unreadable):
        return None


async def answer_from(reader: asyncio.StreamReader) -> Answer:
    """One HTTP answer, as much as came of it; raises Unreadable."""
    try:
        status = int((await reader.readline()).split()[1])
        length = 0 if status == 204 else LONGEST
        while line := (await reader.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = min(int(value), LONGEST)
        return Answer(status, await _up_to(length, reader))
    except (ValueError, IndexError) as error:
        raise Unreadable(str(error)) from error


async def _up_to(length: int, reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as cut:
        return cut.partial
