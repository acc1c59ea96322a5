"""A shop whose every part is there: sandbox, scanner, printer, settings; no kiosk runs in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from patient import Shop

from hardware.printers.peer import PrinterPeer
from hardware.scanners.peer import ScannerPeer
from kiosk.demo.settings import Places
from kiosk.sandbox.testing import SandboxProcess, running
from models.weights import weights_folder

MEMORY = Path("/dev/shm")


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
    shutil.copytree(sandbox.folder / "v3", tmp_path / "sandbox" / "v3")
    for name in ("merchant.json", "wallet.pub"):
        shutil.copy(sandbox.folder / name, tmp_path / "sandbox")
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
