"""What is plugged in, and which driver may be right for it: nothing is opened for use.

One finder for each way of plugging in. A finder takes the `Roots` and gives what it found; those of
others are called as well, from the entry-point group ``kiosk.find``.
"""

from __future__ import annotations

from hardware.plugged.cameras import find_cameras
from hardware.plugged.found import Finder
from hardware.plugged.hid import find_hid_scanners, find_keyboards
from hardware.plugged.pins import find_chips
from hardware.plugged.printers import find_usb_printers
from hardware.plugged.serials import find_serial_lines

FINDERS: tuple[Finder, ...] = (
    find_serial_lines,
    find_usb_printers,
    find_hid_scanners,
    find_keyboards,
    find_cameras,
    find_chips,
)
