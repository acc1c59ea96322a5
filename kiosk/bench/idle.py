"""What all drivers cost together while nothing happens: they are open, and their peers answer.

    peers, a process of their own ◄─lines─► every driver on one loop, as in the core ─► its seconds

Left out is what is never idle: the scanner that looks through a camera (it looks at every picture),
and the simulated dispenser (a machine that is computed). Scales are asked all the time, as in a
shop; pins are gpiozero's mock ones.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware.devices import Condition
from hardware.loop import DeviceLoop
from hardware.netline import NetLine
from hardware.printers.peer import PrinterPeer
from hardware.scales.peer import ScalePeer
from hardware.scanners.keyboard import FifoWire
from hardware.scanners.packets import PacketPeer
from hardware.scanners.peer import ScannerPeer
from kiosk import registry
from kiosk.bench.figure import Figure
from kiosk.errors import KioskError
from kiosk.settings import Driver

SECONDS = 10.0
SETTLE = 2.0  # until every scale has answered and nothing is opened any more
STREAMS = frozenset({"camera opencv", "camera folder"})
BUDGET = 1.0  # percent of one core
LEFT_OUT = frozenset({("scanner", "camera"), ("dispenser", "simulated")})
KINDS = (
    "scanner", "printer", "scale", "drawer", "dispenser", "lights", "contact", "navigator",
    "camera",
)  # fmt: skip
_ON_THE_LOOP = frozenset({"scanner", "printer", "scale"})
_MORE: Mapping[str, Mapping[str, Any]] = {"continuous": {"format": "os2x"}}


@dataclass(frozen=True, slots=True)
class Observed:
    """Seconds of a processor and of the clock, and which drivers were open."""

    busy_s: float
    wall_s: float
    drivers: Sequence[str] = field(default_factory=list)


def observe(seconds: float = SECONDS) -> Observed:
    """Open all drivers, and wait. Raises KioskError where the peers do not start."""
    with tempfile.TemporaryDirectory(prefix="kiosk-") as name, ExitStack() as open_ones:
        folder = Path(name)
        port = open_ones.enter_context(_peers(folder))
        loop = DeviceLoop()
        loop.start()
        open_ones.callback(loop.stop)
        names: list[str] = []
        devices: list[Any] = []
        for kind, driver in _drivers():
            device = _built(kind, driver, folder, port, loop)
            open_ones.callback(device.close)
            _open(kind, device)
            names.append(f"{kind} {driver}")
            devices.append(device)
        time.sleep(SETTLE)
        _all_work(devices)
        busy, began = time.process_time(), time.monotonic()
        time.sleep(seconds)
        return Observed(time.process_time() - busy, time.monotonic() - began, names)


def figures(seen: Observed) -> list[Figure]:
    """The share of one core."""
    share = 100 * seen.busy_s / seen.wall_s
    note = f"{len(seen.drivers)} drivers open for {seen.wall_s:.0f} s, scales asked all the time"
    return [Figure("idle CPU of all drivers together", share, "%", BUDGET, note=note)]


def _all_work(devices: Sequence[Any]) -> None:
    """A driver that looks for its device in vain would be measured for something else."""
    for device in devices:
        health = device.check_health()
        # A camera that does not stream tells nothing.
        if health.condition is Condition.BAD and device.name not in STREAMS:
            raise KioskError(f"{device.name} does not work: {health.cause}", health.mend)


def _drivers() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for driver in registry.BUILT_IN[kind]:
            if (kind, driver) not in LEFT_OUT:
                yield kind, driver


def _built(kind: str, driver: str, folder: Path, port: int, loop: DeviceLoop) -> Any:
    given: dict[str, Any] = {"name": f"{kind} {driver}"}
    if kind in _ON_THE_LOOP:
        given["loop"] = loop
    options = dict(_options(kind, driver, folder, port)) | dict(_MORE.get(driver, {}))
    if driver == "escpos-usb":
        given["backend"] = _bus()
    if driver == "gpio":
        given["pin_factory"] = _pins()
    if (kind, driver) == ("drawer", "printer"):
        given["port"] = _SocketOfNothing()
    return registry.build(kind, Driver(driver, options), **given)


def _options(kind: str, driver: str, folder: Path, port: int) -> Mapping[str, Any]:
    match kind, driver:
        case _, "escpos-tcp":
            return {"host": "127.0.0.1", "port": port}
        case (("scanner" | "printer" | "scale"), _) if driver != "escpos-usb":
            return {"path": str(folder / driver)}
        case "drawer", "gpio":
            return {"pin": 17, "sensor_pin": 27}
        case "drawer", "printer":
            return {"sensor_open": "high"}
        case "dispenser", _:
            return {"slots": {"1": 5}, "sensor_pin": 6, "sensor_covered": "low"}
        case "lights", _:
            return {"lights": {"green": 5, "amber": 6, "red": 7}, "stale_s": 5.0}
        case (("contact" | "navigator"), _):
            return {"pin": 22} if driver == "gpio" else {"path": str(folder / kind)}
        case "camera", "folder":
            return {"picture": "skimage:astronaut"}
        case "camera", _:
            # A picture is a source, too; streaming it is another matter.
            return {"device": str(_picture(folder))}
        case _:
            return {}


def _picture(folder: Path) -> Path:
    import cv2
    import numpy as np

    path = folder / "frames.png"
    cv2.imwrite(str(path), np.zeros((48, 64, 3), np.uint8))
    return path


def _open(kind: str, device: Any) -> None:
    match kind:
        case "scanner":
            device.open(lambda _scan: None)
        case "contact" | "navigator":
            device.open(lambda _told: None)
        case _:
            device.open()


class _SocketOfNothing:
    """The drawer socket of a printer whose cable leads nowhere."""

    def kick(self, pin: int, on_ms: int) -> None:
        """Nothing opens."""

    def sense_high(self) -> bool | None:
        """Closed."""
        return False


def _bus() -> Any:
    """A bus with a printer that has nothing to say; only the driver's side works here."""
    from hardware.printers.usbpeer import UsbLine

    bus = UsbLine()
    bus.plug()
    return bus


def _pins() -> Any:
    from gpiozero.pins.mock import MockFactory

    return MockFactory()


# --- the peers, in a process of their own ---------------------------------------------------------


@contextmanager
def _peers(folder: Path) -> Iterator[int]:
    """Running meanwhile; gives the port of the printer on the network."""
    command = [sys.executable, "-m", "kiosk.bench.idle", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            told = process.stdout.readline().strip()
            if not told.isdigit():
                raise KioskError("the simulated devices did not start")
            yield int(told)
        finally:
            process.stdin.close()
            process.wait(10)


def serve(folder: Path) -> None:
    """Every peer on its line in `folder`, until standard input ends."""
    net = NetLine()
    printers: list[Any] = [PrinterPeer(net), *(PrinterPeer(folder / n) for n in _lines("printer"))]
    scales: list[Any] = [ScalePeer(folder / name, _MORE.get(name, {}).get("format", name))
              for name in registry.BUILT_IN["scale"]]  # fmt: skip
    wires: list[Any] = [
        FifoWire(folder / "evdev"),
        FifoWire(folder / "hidpos"),
        FifoWire(folder / "contact"),
        FifoWire(folder / "navigator"),
        PacketPeer(folder / "ssi"),
    ]
    for wire in (*wires, ScannerPeer(folder / "serial")):
        wire.plug()
    for peer in (*printers, *scales):
        peer.start()
    sys.stdout.write(f"{net.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    for peer in (*printers, *scales):
        peer.stop()


def _lines(kind: str) -> Iterator[str]:
    """The drivers of a kind that open a line by its path."""
    return (name for name in registry.BUILT_IN[kind] if name not in ("escpos-tcp", "escpos-usb"))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
