"""A shop whose every part is there: sandbox, scanner, printer, settings; no kiosk runs in it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hardware.printers.peer import PrinterPeer
from hardware.scanners.peer import ScannerPeer
from kiosk.demo.settings import Places, Play, write_settings
from kiosk.sandbox.testing import SandboxProcess, running
from models.weights import weights_folder

MEMORY = Path("/dev/shm")


@dataclass
class Shop:
    """Its settings can be changed, its parts broken; `doctor` is the shipped command."""

    places: Places
    sandbox: SandboxProcess
    printer: PrinterPeer
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.places.config

    @property
    def ledger(self) -> Path:
        return self.places.folder / "state" / "ledger"

    def settings(self, *, with_faces: bool = False, **tables: dict[str, Any]) -> None:
        """The shop's own, with `tables` merged; without faces none is ever asked for."""
        named = {name.replace("__", "."): table for name, table in tables.items()}
        play = Play("", settings=named)
        write_settings(self.places, play, self.sandbox.merchant(), self.sandbox.address)
        if not with_faces:
            parts = re.split(r"(?m)^(?=\[)", self.config.read_text("utf-8"))
            kept = [part for part in parts if not part.startswith("[faces")]
            self.config.write_text("".join(kept), "utf-8")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kiosk", *words, "--config", str(self.config)]
        environment = {**os.environ, "COLUMNS": "100", **self.environment}
        return subprocess.run(
            command, capture_output=True, text=True, timeout=50, check=False, env=environment
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


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running(tmp_path_factory.mktemp("sandbox") / "state") as process:
        yield process


@pytest.fixture
def shop(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Shop]:
    if not MEMORY.is_dir():
        pytest.skip("there is no /dev/shm here for a run directory in memory")
    run = Path(tempfile.mkdtemp(prefix="kiosk-", dir=MEMORY))
    (tmp_path / "state").mkdir()
    (tmp_path / "sandbox").mkdir()
    shutil.copy(sandbox.folder / "wallet.pub", tmp_path / "sandbox")
    printer, scanner = PrinterPeer(run / "printer"), ScannerPeer(run / "scanner")
    printer.start()
    scanner.plug()
    try:
        whole = Shop(Places(tmp_path, run), sandbox, printer)
        whole.settings()
        yield whole
    finally:
        scanner.unplug()
        printer.stop()
        shutil.rmtree(run, ignore_errors=True)


@pytest.fixture
def weights(shop: Shop, tmp_path: Path) -> Path:
    """A weights folder of the shop's own, in which a file may be broken."""
    here, copy = weights_folder(os.environ), tmp_path / "weights"
    copy.mkdir()
    found = list(here.glob("*.onnx"))
    if not found:
        pytest.skip("no model weights are here: python -m models fetch")
    for path in found:
        (copy / path.name).symlink_to(path.resolve())
    shop.environment["KIOSK_MODELS_DIR"] = str(copy)
    return copy


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
