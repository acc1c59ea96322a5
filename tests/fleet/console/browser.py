"""The console as a process of its own, and the system's Chromium in front of it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from itsdangerous import TimestampSigner
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from fleet.clock import wall_ms
from fleet.console.gate import COOKIE
from fleet.console.keys import ConsoleKey
from fleet.console.roles import User
from fleet.console.sessions import IN, Sessions
from fleet.database import Database

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
START = 30.0  # seconds


def chromium() -> str | None:
    """Where the system's browser is."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Console:
    """`python -m fleet console` on a database."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        key = folder / "console.key"
        key.write_text((b"k" * 32).hex())
        command = [sys.executable, "-m", "fleet", "console", "--listen", f"127.0.0.1:{self.port}"]
        places = {"FLEET_DATABASE": url, "FLEET_CONSOLE_KEY": str(key)}
        quiet = {each: os.environ[each] for each in os.environ if "PYTEST" not in each}
        self.process = subprocess.Popen(command, env={**quiet, **places}, cwd=Path.cwd())
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.address}/sign-in", verify=False)
            except httpx.TransportError:
                assert self.process.poll() is None
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the console does not answer")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield opened
        opened.close()


def cookie_of(database: Database, key: ConsoleKey, user: User) -> str:
    """The cookie of somebody who has signed in."""
    token = Sessions(database).begin(user.name, IN, wall_ms())
    body = base64.b64encode(json.dumps({"token": token}).encode())
    return TimestampSigner(key.cookies).sign(body).decode()


def let_in(
    context: BrowserContext, console: Console, database: Database, key: ConsoleKey, user: User
) -> None:
    """Give the browser that cookie."""
    value = cookie_of(database, key, user)
    context.add_cookies([{"name": COOKIE, "value": value, "url": console.address}])
