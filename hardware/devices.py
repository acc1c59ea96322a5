"""All device contracts on one page, in UnifiedPOS terms.

A driver is a class whose constructor takes keywords only: ``name`` (what errors and the health
report call it) and the options of its configuration table. Scanners, printers and scales also take
``loop``, the shared selector loop; without one they start their own. A constructor checks its
options (ValueError) and touches nothing; ``open`` connects, ``close`` may be called twice.
No call blocks past its deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class Condition(Enum):
    """One fact about a device. UNKNOWN is never read as GOOD and never as BAD."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of ``check_health``, and what is reported when it changes."""

    condition: Condition
    cause: str = ""  # one English clause; empty when GOOD
    mend: str = ""  # what the attendant does; empty when there is nothing to do


Report = Callable[[Health], None]
"""Told of each change of health. Called on the device's thread: return quickly."""


@runtime_checkable
class Device(Protocol):
    """What every device has. ``open`` differs by kind and stands in each contract below."""

    @property
    def name(self) -> str: ...

    def close(self) -> None: ...

    def check_health(self) -> Health:
        """Never raises; asks the device when that is quick, else tells what was last seen."""
        ...


class Symbology(Enum):
    """What kind of code was read, as far as the scanner tells."""

    UNKNOWN = "unknown"
    EAN13 = "ean-13"  # UPC-A and UPC-E come as EAN-13
    EAN8 = "ean-8"
    CODE128 = "code-128"
    GS1_128 = "gs1-128"
    CODE39 = "code-39"
    CODE93 = "code-93"
    CODABAR = "codabar"
    ITF = "itf"
    DATABAR = "gs1-databar"
    QR = "qr"
    GS1_QR = "gs1-qr"
    DATA_MATRIX = "data-matrix"
    GS1_DATA_MATRIX = "gs1-data-matrix"
    PDF417 = "pdf417"
    AZTEC = "aztec"
    HAN_XIN = "han-xin"
    OTHER = "other"


GS1 = frozenset({Symbology.GS1_128, Symbology.DATABAR, Symbology.GS1_QR, Symbology.GS1_DATA_MATRIX})


@dataclass(frozen=True, slots=True)
class ScanData:
    """One code as read: the label only, without terminator, prefix and AIM identifier."""

    data: bytes
    symbology: Symbology = Symbology.UNKNOWN

    @property
    def gs1(self) -> bool:
        """Whether the kind of code says that an element string of GS1's is in it."""
        return self.symbology in GS1

    @property
    def text(self) -> str:
        """UTF-8 if it is valid UTF-8, else GB18030; GS separators (1D) are kept."""
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return self.data.decode("gb18030", errors="replace")


Deliver = Callable[[ScanData], None]
"""Takes one code. Called on the device's thread: hand it on and return."""


@runtime_checkable
class Scanner(Device, Protocol):
    """Delivers each code once, in the order read."""

    def open(self, deliver: Deliver, report: Report | None = None) -> None:
        """Raises NotFound or Busy. A scanner that vanishes later is taken up again by itself."""
        ...


class PrintOutcome(Enum):
    """How a job ended. Only DONE and PROBABLE mean that the person has a slip."""

    DONE = "done"  # the printer acknowledged the end of this very job
    PROBABLE = "probable"  # everything was consumed and the printer reports no fault
    UNKNOWN = "unknown"  # bytes were sent and no answer tells what became of them
    FAILED = "failed"  # the printer reports a fault that stopped this job: the slip is incomplete


@dataclass(frozen=True, slots=True)
class PrintResult:
    """Never a reason to send the same job again by itself; what follows UNKNOWN is a COPY."""

    outcome: PrintOutcome
    reason: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """Each fact on its own, since makes differ in what they tell. GOOD means nothing to mend."""

    online: Condition = Condition.UNKNOWN
    paper: Condition = Condition.UNKNOWN  # BAD: the roll has ended
    near_end: Condition = Condition.UNKNOWN  # BAD: little is left; still prints
    cover: Condition = Condition.UNKNOWN  # BAD: open
    cutter: Condition = Condition.UNKNOWN  # BAD: jammed


@runtime_checkable
class ReceiptPrinter(Device, Protocol):
    """Prints one job at a time and never sends a job twice."""

    def open(self, report: Report | None = None) -> None:
        """Raises NotFound or Busy. A printer that vanishes later is taken up again by itself."""
        ...

    def print(self, job: bytes, job_id: str) -> PrintResult:
        """Send a finished job and wait for the printer's word; from any thread, with deadlines.

        Raises DeviceError (OutOfPaper, CoverOpen, Offline, Busy) only if no byte of the job was
        sent; from the first byte on the answer is a PrintResult.
        """
        ...

    def status(self) -> PrinterStatus:
        """Ask now; what is not answered in time is UNKNOWN. Raises nothing."""
        ...


class DrawerState(Enum):
    """What the drawer's switch tells."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # no switch, or its level is not known


@runtime_checkable
class CashDrawer(Device, Protocol):
    """Opens a drawer; a person closes it, and is told by its health when he forgot."""

    def open(self, report: Report | None = None) -> None:
        """Take the port; does not move the drawer. Raises NotFound or Busy."""
        ...

    def open_drawer(self) -> None:
        """One pulse to the solenoid. Raises Offline when it surely was not given."""
        ...

    def is_open(self) -> DrawerState: ...


@runtime_checkable
class DrawerPort(Protocol):
    """The drawer socket of a receipt printer."""

    def kick(self, pin: int, on_ms: int) -> None:
        """Pulse connector pin 2 or 5 for ``on_ms``. Raises Offline, Busy or ValueError."""
        ...

    def sense_high(self) -> bool | None:
        """Level of connector pin 3; None when the printer does not tell."""
        ...


class ScaleStatus(Enum):
    """What the scale tells of its pan, by UnifiedPOS's names."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    ZERO = "zero"  # nothing lies on it, or less than counts as something
    OVERWEIGHT = "overweight"
    UNDER_ZERO = "under-zero"
    NOT_READY = "not-ready"  # nothing fresh is known


@dataclass(frozen=True, slots=True)
class Weighing:
    """One look at the pan. Only STABLE carries a weight to sell by; NOT_READY never carries one.

    ``load`` rises with every new load, so that one load is never taken for two.
    """

    status: ScaleStatus
    grams: Decimal = Decimal(0)  # net
    tare: Decimal = Decimal(0)  # grams, as far as this driver set it
    load: int = 0
    at: float = 0.0  # monotonic seconds


@runtime_checkable
class Scale(Device, Protocol):
    """Weighs one load at a time and never gives the same load twice as new."""

    def open(self, report: Report | None = None) -> None:
        """Raises NotFound or Busy. A scale that vanishes later is taken up again by itself."""
        ...

    def read_weight(self, timeout_s: float = 5.0, unit_price: int = 0) -> Weighing:
        """Wait for the stable weight of a new load; from any thread, one at a time.

        ``unit_price``, in the smallest coin a kilogram, is for scales that show one. Raises
        Overweight, UnderZero, SameWeight (the load read last still lies there), TimedOut (it does
        not settle, or nothing was put on it) and Offline (it is silent) when the time is up; Busy,
        and Offline where the line is down, at once.
        """
        ...

    def live_weight(self) -> Weighing:
        """What was seen last; NOT_READY when that is too long ago. Never waits, raises nothing."""
        ...

    def clear_input(self) -> None:
        """End a ``read_weight`` that waits; it raises TimedOut."""
        ...

    def release_load(self, load: int) -> None:
        """The load read last was not sold after all: it may be read again."""
        ...

    def zero_scale(self) -> None:
        """By the scale's own command. Raises NotSupported or Offline."""
        ...

    def tare_weight(self, grams: Decimal | None = None) -> None:
        """Tare what lies there, or so many grams; 0 ends it. Raises NotSupported or Offline."""
        ...


class DropOutcome(Enum):
    """How a drop ended. Only DROPPED means that something fell into the tray."""

    DROPPED = "dropped"  # a sensor saw it fall
    FAILED = "failed"  # surely nothing fell: nothing moved, or a sensor that works saw nothing
    UNKNOWN = "unknown"  # something moved, and nothing tells what became of it


@dataclass(frozen=True, slots=True)
class DropResult:
    """Never a reason to drop another one by itself: what follows is the attendant."""

    outcome: DropOutcome
    reason: str = ""
    mend: str = ""


@runtime_checkable
class ItemDispenser(Device, Protocol):
    """Drops one item of a slot at a time and never tries the same drop twice."""

    def open(self) -> None:
        """Take the pins or the port; moves nothing. Raises NotFound or Busy."""
        ...

    def dispense_item(self, slot: int) -> DropResult:
        """Drop one item and wait for its fall; from any thread, with deadlines.

        Raises DeviceError (Offline, Busy, NotFound for a slot that there is not) only if nothing
        was moved; from the first move on the answer is a DropResult.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. ``pixels``: H x W x 3 uint8 in BGR order, not to be written to."""

    pixels: NDArray[np.uint8]
    captured_at: float  # monotonic seconds
    sequence: int  # rises by at least 1; a gap means frames were skipped


@runtime_checkable
class Camera(Device, Protocol):
    """Gives the newest frame only. May be open before consent: nothing streams until ``start``."""

    def open(self) -> None:
        """Find the camera. Raises NotFound or Busy."""
        ...

    def start(self) -> None:
        """Begin streaming. Calling it while streaming changes nothing."""
        ...

    def stop(self) -> None:
        """End streaming and drop the frame in hand."""
        ...

    def read(self, timeout_s: float = 1.0) -> Frame:
        """Wait for a frame newer than the last one read; raises TimedOut or Offline."""
        ...


@runtime_checkable
class Lights(Device, Protocol):
    """Lights of the housing, by the names that the configuration gives them."""

    def open(self) -> None:
        """Take the pins, all lights off. Raises NotFound or Busy."""
        ...

    def switch_on(self, light: str, blink_s: float = 0.0) -> None:
        """Steady, or on for one half of each ``blink_s`` seconds. Again the same changes nothing.

        A light that there is not is no error: few housings have all. Raises Offline.
        """
        ...

    def switch_off(self, light: str) -> None:
        """Raises Offline."""
        ...


Changed = Callable[[bool], None]
"""Told whether it is so now. Called on the device's thread: hand it on and return."""


@runtime_checkable
class Contact(Device, Protocol):
    """One thing that is so or not: somebody is there, a door is open, a button is pressed."""

    def open(self, changed: Changed) -> None:
        """Watch it; ``changed`` hears of what is so at first, then of each change.

        Raises NotFound or Busy.
        """
        ...

    def is_on(self) -> bool | None:
        """None while it is not watched."""
        ...


class NavigatorKey(Enum):
    """A key of a navigator; PLUGGED and UNPLUGGED are those that its jack presses."""

    PREVIOUS = "previous"
    NEXT = "next"
    SELECT = "select"
    HELP = "help"
    PLUGGED = "plugged"
    UNPLUGGED = "unplugged"


@runtime_checkable
class Navigator(Device, Protocol):
    """Four keys for whoever does not touch the screen."""

    def open(self, pressed: Callable[[NavigatorKey], None], report: Report | None = None) -> None:
        """``pressed`` hears each key once, on the device's thread: hand it on and return.

        Raises NotFound or Busy. A keypad that vanishes later is taken up again by itself.
        """
        ...
