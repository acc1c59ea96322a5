"""The plainest thing that could take the same batches: parse, insert, commit, answer.

No signature, no hash, no chain, no register; the same server, database and way to insert.
`uvicorn fleet.bench.bare:app`, with FLEET_DATABASE.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from fleet import tables
from fleet.clock import wall_ms
from fleet.database import Database, insert_rows
from fleet.ingest import COLUMNS
from fleet.line import Wire

_DECODER = msgspec.json.Decoder(Wire)
_database = Database(os.environ["FLEET_DATABASE"])


def _insert(terminal: str, body: bytes) -> None:
    now = wall_ms()
    rows = []
    for raw in body.splitlines():
        one = _DECODER.decode(raw)
        text = bytes(one.body).decode()
        hashes = bytes.fromhex(one.prev), bytes.fromhex(one.hash)
        owner = ("bare", terminal, 0)
        rows.append((*owner, one.seq, one.at_ms, one.kind, one.key, text, *hashes, now))
    with _database.write() as connection:
        insert_rows(connection, tables.entry, COLUMNS, rows)


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """One ASGI request; the terminal is the path."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    await asyncio.to_thread(_insert, scope["path"], body)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})
