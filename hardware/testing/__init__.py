"""The contract of each device as tests: subclass one, give it your driver, and run pytest.

    class TestMyScanner(ScannerContract):
        @contextmanager
        def rig(self, folder): ... yield ScannerRig(driver, scan=..., unplug=..., plug=...)

Drivers are tested against something that behaves like the device: a simulated peer, or the device
itself with a person beside it. A driver that passes can be named in the configuration.
"""

from __future__ import annotations

from hardware.testing.camera import CameraContract, CameraRig
from hardware.testing.contact import ContactContract, ContactRig
from hardware.testing.dispenser import DispenserContract, DispenserRig
from hardware.testing.drawer import DrawerContract, DrawerRig
from hardware.testing.lights import LightsContract, LightsRig
from hardware.testing.printer import JOB, PrinterContract, PrinterRig
from hardware.testing.scale import ScaleContract, ScaleRig
from hardware.testing.scanner import ScannerContract, ScannerRig
from hardware.testing.waiting import Act, wait_until

__all__ = [
    "JOB",
    "Act",
    "CameraContract",
    "CameraRig",
    "ContactContract",
    "ContactRig",
    "DispenserContract",
    "DispenserRig",
    "DrawerContract",
    "DrawerRig",
    "LightsContract",
    "LightsRig",
    "PrinterContract",
    "PrinterRig",
    "ScaleContract",
    "ScaleRig",
    "ScannerContract",
    "ScannerRig",
    "wait_until",
]
