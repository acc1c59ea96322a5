"""Kiosks on long poll: what a thousand of them cost, and how soon an order reaches one.

1,000 lines over TCP, each signed ─► one server process ◄─ orders, from another process
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.bench.joined import joined
from fleet.bench.rows import Row
from fleet.bench.server import serving
from fleet.clock import wall_ms
from fleet.database import Database
from fleet.down import Commands
from fleet.who import Who
from kiosk.domain.signed import Seal, content_digest, signature_base, signed_headers

KIOSKS = 1_000
ORDERS = 100
MERCHANT = "M-poll"
QUIET = 0.5  # of a processor: all are in, and only some come again
PATIENCE = 60.0  # seconds
_PLAIN = ssl.create_default_context()  # made once: nothing is encrypted here


@dataclass(slots=True)
class Heard:
    """When each order reached its kiosk, by its id; and how many wait now."""

    at: dict[str, float] = field(default_factory=dict)
    waiting: int = 0


def poll(url: str) -> Iterator[Row]:
    """Memory of the server with all of them waiting, and the slowest order."""
    database = Database(url)
    kiosks = [joined(database, MERCHANT, f"{number:04d}") for number in range(1, KIOSKS + 1)]
    with serving(url) as server:
        memory, slowest = asyncio.run(_measure(database, server.address, server.pid, kiosks))
    database.close()
    yield Row(f"memory with {KIOSKS:,} kiosks on long poll", f"{memory:,.0f} MB", "≤ 700")
    yield Row(f"slowest of {ORDERS} orders to its kiosk", f"{slowest:.2f} s", "≤ 2")


async def _measure(
    database: Database, address: str, pid: int, kiosks: list[tuple[Who, Ed25519PrivateKey]]
) -> tuple[float, float]:
    heard, commands = Heard(), Commands(database)
    tasks = [asyncio.create_task(_kiosk(address, heard, *kiosk)) for kiosk in kiosks]
    await _until(lambda: heard.waiting == KIOSKS)
    while await _load(pid) > QUIET:
        pass
    memory = _resident_mb(pid)
    given: dict[str, float] = {}
    for who, _ in kiosks[:: KIOSKS // ORDERS]:
        start = time.monotonic()
        order = await asyncio.to_thread(commands.give, who, "send_now", {}, "bench", wall_ms())
        given[order] = start
    await _until(lambda: len(heard.at) >= len(given))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return memory, max(heard.at.get(order, float("inf")) - start for order, start in given.items())


async def _until(happened: Callable[[], bool]) -> None:
    """Look again and again; what does not happen in time shows in the figures."""
    end = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < end:  # noqa: ASYNC110 - what happens is a number
        await asyncio.sleep(0.05)


async def _kiosk(address: str, heard: Heard, who: Who, key: Ed25519PrivateKey) -> None:
    """Ask, and ask again; what was ordered is answered with the next question."""
    # A line each: the library's pool looks through all of its lines for every request.
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, verify=_PLAIN) as line:
        await _ask_on(line, heard, who, key)


async def _ask_on(line: httpx.AsyncClient, heard: Heard, who: Who, key: Ed25519PrivateKey) -> None:
    answers: list[dict[str, object]] = []
    while True:
        body = json.dumps({"answers": answers}).encode()
        seal = Seal(str(who), wall_ms() // 1000, secrets.token_urlsafe(16))
        digest = content_digest(body)
        signature = key.sign(signature_base("POST", "/v1/down", "", digest, seal))
        headers = signed_headers(digest, seal, signature)
        heard.waiting += 1
        told = (await line.post("/v1/down", content=body, headers=headers)).raise_for_status()
        heard.waiting -= 1
        answers = []
        for order in told.json()["commands"]:
            heard.at.setdefault(order["command_id"], time.monotonic())
            answers.append({"command_id": order["command_id"], "done": True})


async def _load(pid: int) -> float:
    """How much of a processor the process needs, looked at for a second."""

    def ticks() -> int:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    await asyncio.sleep(1.0)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) / 1024
