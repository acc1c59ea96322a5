"""The service provider: a database of his own, the machine interface, and his register."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyotp

from fleet.clock import wall_ms
from fleet.console.keys import read_key
from fleet.console.roles import Role, User
from fleet.console.users import Users
from fleet.database import Database
from fleet.migrations.migrate import migrate
from fleet.register import Plan, Register, Store
from fleet.who import Who
from kiosk.demo.display import mortal
from kiosk.demo.settings import toml, wallets
from kiosk.errors import KioskError

START, STOP = 30.0, 10.0  # seconds
BY = "the demonstration"
MERCHANTS = {"M1": "鲜果超市", "M2": "晨光便利"}
STORES = (
    Store("M1", "S1", "人民路店", "示例路 1 号", location="+31.230400/+121.473700"),
    Store("M2", "S1", "火车站店", "示例路 2 号", location="+31.249500/+121.455600"),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who may sign in to the console, and how: in a shop his telephone would make the codes."""

    address: str
    name: str
    phrase: str
    factor: pyotp.TOTP


class Provider:
    """His processes, each with its log; a context manager that leaves none running."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.database = Database(url)
        self._url = url
        self._register = Register(self.database, secrets.randbelow)
        self._parts: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        migrate(self.database)
        for merchant_id, name in MERCHANTS.items():
            self._register.put_merchant(merchant_id, name, wall_ms())
        for store in STORES:
            self._register.put_store(store)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for part in self._parts.values():
            part.send_signal(signal.SIGTERM)
        for part in self._parts.values():
            try:
                part.wait(STOP)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
        self.database.close()

    def hold_keys(self, wallet: Path, sandbox_url: str) -> Path:
        """Write the settings of his gateway: every merchant's channels at the sandbox."""
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700, exist_ok=True)
        channels = wallets(keys, 1.0, wallet, sandbox_url)
        tables = {
            f"merchants.{merchant}.channels.{name}": table
            for merchant in MERCHANTS
            for name, table in channels.items()
        }
        path = self.folder / "fleet.toml"
        path.write_text(toml(tables), "utf-8")
        return path

    def open_console(self, port: int) -> Visitor:
        """Start the console, with one user who sees all merchants."""
        path = self.folder / "console.key"
        key = read_key(path)
        users, user = Users(self.database, key), User("provider", Role.PROVIDER)
        phrase = "-".join(secrets.token_hex(2) for _ in range(4))
        users.add(user, phrase, wall_ms())
        factor = pyotp.parse_uri(users.enrolment(user.name))
        assert isinstance(factor, pyotp.TOTP)
        address = self.start("console", port, FLEET_CONSOLE_KEY=str(path))
        return Visitor(address, user.name, phrase, factor)

    def plan(self, plan: Plan) -> None:
        """Register a terminal that no device has joined yet."""
        self._register.plan(plan, BY, wall_ms())

    def approve(self, code: str, who: Who) -> None:
        """The code on a device's screen was typed in beside this terminal."""
        self._register.approve(code, who, BY, wall_ms())

    def start(self, name: str, port: int, **environment: str) -> str:
        """Start `python -m fleet NAME` at this port, and wait until it listens; its address."""
        command = mortal([sys.executable, "-m", "fleet", name, "--listen", f"127.0.0.1:{port}"])
        log = self.folder / "logs" / f"{name}.log"
        with log.open("ab") as said:
            self._parts[name] = subprocess.Popen(
                command,
                stdout=said,
                stderr=said,
                env={**os.environ, "FLEET_DATABASE": self._url, **environment},
                start_new_session=True,
            )
        end = time.monotonic() + START
        while not _listens(port):
            if self._parts[name].poll() is not None or time.monotonic() > end:
                last = log.read_text("utf-8", "replace").strip().splitlines()[-3:]
                raise KioskError(f"fleet {name} did not start: {' | '.join(last)}", f"See {log}")
            time.sleep(0.1)
        return f"http://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
