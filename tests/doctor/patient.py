"""The shop that the doctor looks at: its settings can be changed, its parts broken."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware.printers.peer import PrinterPeer
from kiosk.demo.settings import Places, Play, write_settings
from kiosk.sandbox.testing import SandboxProcess


@dataclass
class Shop:
    """`run` and `doctor` are the shipped command, in a process of its own."""

    places: Places
    sandbox: SandboxProcess
    printer: PrinterPeer
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.places.config

    @property
    def wallet(self) -> Path:
        """What the sandbox has for a kiosk, as a copy of the shop's own."""
        return self.places.folder / "sandbox"

    @property
    def ledger(self) -> Path:
        return self.places.folder / "state" / "ledger"

    def settings(self, *, with_faces: bool = False, **tables: dict[str, Any]) -> None:
        """The shop's own, with `tables` merged; without faces none is ever asked for."""
        named = {name.replace("__", "."): table for name, table in tables.items()}
        play = Play("", settings=named)
        write_settings(self.places, play, self.wallet, self.sandbox.address)
        if not with_faces:
            parts = re.split(r"(?m)^(?=\[)", self.config.read_text("utf-8"))
            kept = [part for part in parts if not part.startswith("[faces")]
            self.config.write_text("".join(kept), "utf-8")

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kiosk", *words, "--config", str(self.config)]
        environment = {**os.environ, "COLUMNS": "100", **self.environment}
        return subprocess.run(
            command,
            input=typed,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            env=environment,
        )

    def doctor(self) -> Report:
        done = self.run("doctor", "--json")
        assert done.stderr == ""
        found = json.loads(done.stdout)
        assert found["good"] == (done.returncode == 0)
        return Report(done.returncode, {one["what"]: one for one in found["findings"]})


@dataclass
class Report:
    """What the doctor said, by thing."""

    code: int
    findings: dict[str, dict[str, str]]

    @property
    def bad(self) -> list[str]:
        return [what for what, one in self.findings.items() if one["state"] == "bad"]

    def only_bad(self, what: str) -> dict[str, str]:
        """The finding that alone is bad; every other thing was looked at and is not."""
        assert self.bad == [what], self.findings
        assert self.code == 1
        assert self.findings[what]["mend"], "a fault without a mend helps nobody"
        return self.findings[what]


@contextlib.contextmanager
def held_by_a_running_kiosk(shop: Shop) -> Iterator[None]:
    """Another process has the ledger and both lines, as a core would."""
    script = (
        "import sys, time; from pathlib import Path; from kiosk.ledger import Ledger;"
        "from hardware.transport import open_serial;"
        "ledger = Ledger(Path(sys.argv[1]), lambda: time.time_ns() // 1000000);"
        "lines = [open_serial('x', path) for path in sys.argv[2:]];"
        "print('held', flush=True); sys.stdin.read()"
    )
    paths = [str(shop.places.run / name) for name in ("scanner", "printer")]
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(shop.ledger), *paths],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # A holder that never says so must not hold the test.
    timer = threading.Timer(20, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        timer.cancel()
        process.kill()
        process.communicate()
