"""What the kernel really does where the drivers count on it: input devices, rules, a screen."""

from __future__ import annotations

import fcntl
import grp
import os
import select
import stat
import struct
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.testing import wait_until

UINPUT = Path("/dev/uinput")
SIMULATED_CHIP = Path("/sys/kernel/config/gpio-sim/kiosk/bank0/chip_name")

# linux/uinput.h, linux/input.h
UI_DEV_SETUP, UI_DEV_CREATE, UI_DEV_DESTROY = 0x405C5503, 0x5501, 0x5502
UI_SET_EVBIT, UI_SET_KEYBIT, UI_GET_SYSNAME = 0x40045564, 0x40045565, 0x8040552C  # a name of 64
EVIOCGRAB = 0x40044590
EV_SYN, EV_KEY = 0, 1
KEY_1, KEY_ENTER = 2, 28
EVENT = struct.Struct("llHHi")  # time of two words, type, code, value
USB, HONEYWELL, A_SCANNER = 3, 0x0C2E, 0x0B61

pytestmark = pytest.mark.machine
needs_uinput = pytest.mark.skipif(
    not os.access(UINPUT, os.W_OK), reason="no /dev/uinput here that may be written to"
)
needs_simulated_pins = pytest.mark.skipif(
    not SIMULATED_CHIP.exists(), reason="no chip of gpio-sim here"
)


class Keyboard:
    """A keyboard that a program types on."""

    def __init__(self, file: int) -> None:
        self._file = file
        fcntl.ioctl(file, UI_SET_EVBIT, EV_KEY)
        for key in (KEY_1, KEY_ENTER):
            fcntl.ioctl(file, UI_SET_KEYBIT, key)
        setup = struct.pack("HHHH80sI", USB, HONEYWELL, A_SCANNER, 1, b"Test scanner", 0)
        fcntl.ioctl(file, UI_DEV_SETUP, setup)
        fcntl.ioctl(file, UI_DEV_CREATE)
        name = fcntl.ioctl(file, UI_GET_SYSNAME, bytes(64)).rstrip(b"\0").decode()
        folder = Path("/sys/devices/virtual/input") / name
        self.node = Path("/dev/input") / next(folder.glob("event*")).name

    def press(self, key: int) -> None:
        for down in (1, 0):
            os.write(self._file, EVENT.pack(0, 0, EV_KEY, key, down))
            os.write(self._file, EVENT.pack(0, 0, EV_SYN, 0, 0))


@contextmanager
def keyboard():
    file = os.open(UINPUT, os.O_WRONLY | os.O_NONBLOCK)
    try:
        made = Keyboard(file)
        assert wait_until(made.node.exists), "udev makes no node"
        yield made
    finally:
        fcntl.ioctl(file, UI_DEV_DESTROY)
        os.close(file)


def keys(file: int, within: float = 1.0) -> list[int]:
    """The keys that were pressed, until nothing comes any more or ENTER did."""
    pressed: list[int] = []
    end = time.monotonic() + within
    while KEY_ENTER not in pressed:
        if not select.select([file], [], [], max(0.0, end - time.monotonic()))[0]:
            break
        kinds = EVENT.iter_unpack(os.read(file, EVENT.size * 64))
        pressed += [code for _, _, kind, code, value in kinds if kind == EV_KEY and value == 1]
    return pressed


@needs_uinput
def test_who_grabs_a_keyboard_is_the_only_one_to_hear_it():
    with keyboard() as made:
        scanner, console = (os.open(made.node, os.O_RDONLY | os.O_NONBLOCK) for _ in range(2))
        try:
            made.press(KEY_1)
            made.press(KEY_ENTER)
            assert keys(scanner) == keys(console) == [KEY_1, KEY_ENTER]
            fcntl.ioctl(scanner, EVIOCGRAB, 1)
            with pytest.raises(OSError, match="busy"):
                fcntl.ioctl(console, EVIOCGRAB, 1)
            made.press(KEY_1)
            made.press(KEY_ENTER)
            assert keys(scanner) == [KEY_1, KEY_ENTER]
            assert keys(console, within=0.3) == []
        finally:
            os.close(scanner)
            os.close(console)


@needs_uinput
def test_a_keyboard_that_is_pulled_out_is_gone_for_who_reads_it():
    with keyboard() as made:
        file = os.open(made.node, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="No such device"):
            os.read(file, EVENT.size)
        assert wait_until(lambda: not made.node.exists())
    finally:
        os.close(file)


@needs_simulated_pins
def test_the_rules_of_the_kiosk_give_the_pins_to_their_group():
    node = Path("/dev") / SIMULATED_CHIP.read_text().strip()
    assert grp.getgrgid(node.stat().st_gid).gr_name == "gpio"
    assert stat.S_IMODE(node.stat().st_mode) == 0o660


@needs_simulated_pins  # the machine: a screen is there on many others
def test_there_is_a_screen_that_is_drawn_on_directly():
    assert list(Path("/sys/class/drm").glob("card*-*/status"))
    assert Path("/dev/dri/card0").exists()
