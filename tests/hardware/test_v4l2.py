"""Camera controls through V4L2's structures: a kernel's half of them, and bytes of a real one."""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cameras import opencv, v4l2
from hardware.cameras.opencv import OpencvCamera
from hardware.cameras.v4l2 import (
    ControlError,
    card_of,
    controls_of,
    find_cameras,
    get_control,
    is_held,
    set_controls,
    stable_path,
)
from hardware.devices import Condition
from hardware.errors import Busy, NotFound

# linux/videodev2.h: 'V' is 0x56; _IOR 0x80, _IOWR 0xc0; the sizes are those of its structures.
CODES = {
    "QUERYCAP": 0x80685600,
    "QUERYCTRL": 0xC0445624,
    "G_CTRL": 0xC008561B,
    "S_CTRL": 0xC008561C,
    "REQBUFS": 0xC0145608,
}
BRIGHTNESS, WHITE_AUTO, EXPOSURE_AUTO, EXPOSURE = 0x980900, 0x98090C, 0x9A0901, 0x9A0902
CLASS, PAN = 0x9A0000, 0x9A0908


# number: type, name, minimum, maximum, step, default
CONTROLS = {
    BRIGHTNESS: (1, b"Brightness", 0, 255, 1, 128),
    WHITE_AUTO: (2, b"White Balance, Automatic", 0, 1, 1, 1),
    CLASS: (6, b"Camera Controls", 0, 0, 0, 0),
    EXPOSURE_AUTO: (3, b"Auto Exposure", 0, 3, 1, 3),
    EXPOSURE: (1, b"Exposure Time, Absolute", 3, 2047, 1, 250),
    PAN: (4, b"Pan, Reset", 0, 0, 0, 0),
}


@dataclass
class Kernel:
    """A webcam as its driver in the kernel shows it: four controls, a heading, a button."""

    values: dict[int, int] = field(
        default_factory=lambda: {BRIGHTNESS: 128, WHITE_AUTO: 1, EXPOSURE_AUTO: 3, EXPOSURE: 250}
    )
    gone: bool = False
    held: bool = False

    def __call__(self, code, buffer):
        if self.gone:
            raise OSError(errno.ENODEV, "No such device")
        match code:
            case 0x80685600:
                names = struct.pack("16s32s32s", b"uvcvideo", b"HD Camera", b"usb-0000:00:14.0-3")
                buffer[:] = names + struct.pack("III12x", 0x60100, 0x84A00001, 0x04200001)
            case 0xC0445624:
                self._query(buffer)
            case 0xC008561B:
                (number, _) = struct.unpack("Ii", buffer)
                buffer[:] = struct.pack("Ii", number, self.values[number])
            case 0xC008561C:
                self._set(*struct.unpack("Ii", buffer))
            case 0xC0145608:
                assert struct.unpack("IIIII", buffer) == (0, 1, 1, 0, 0), "it must change nothing"
                if self.held:
                    raise OSError(errno.EBUSY, "Device or resource busy")

    def _query(self, buffer):
        (asked,) = struct.unpack_from("I", buffer)
        assert asked & 0x80000000, "only what comes next is asked for"
        later = [number for number in sorted(CONTROLS) if number > asked & 0x7FFFFFFF]
        if not later:
            raise OSError(errno.EINVAL, "Invalid argument")
        kind, name, *numbers = CONTROLS[later[0]]
        buffer[:] = struct.pack("II32siiiiI8x", later[0], kind, name, *numbers, 0)

    def _set(self, number, value):
        if number == EXPOSURE and self.values[EXPOSURE_AUTO] != 1:
            raise OSError(errno.EACCES, "Permission denied")  # as uvcvideo does
        self.values[number] = value


def test_the_codes_are_the_kernels():
    assert {name: getattr(v4l2, name) for name in CODES} == CODES


def test_a_card_says_who_it_is_and_that_it_captures():
    card = card_of(Kernel())
    assert (card.driver, card.name, card.bus) == ("uvcvideo", "HD Camera", "usb-0000:00:14.0-3")
    assert card.captures


def test_controls_go_by_the_names_that_are_printed_elsewhere():
    found = controls_of(Kernel())
    assert list(found) == [
        "brightness",
        "white_balance_automatic",
        "auto_exposure",
        "exposure_time_absolute",
    ]
    assert found["exposure_time_absolute"].maximum == 2047


def test_they_are_set_in_their_order_since_one_frees_another():
    kernel = Kernel()
    set_controls(kernel, {"auto_exposure": 1, "exposure_time_absolute": 100})
    assert (kernel.values[EXPOSURE_AUTO], kernel.values[EXPOSURE]) == (1, 100)
    assert get_control(kernel, controls_of(kernel)["exposure_time_absolute"]) == 100


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"brightnes": 1, "white_balance_automatic": 0}, "no control brightnes; it has auto"),
        ({"brightness": 256, "white_balance_automatic": 0}, "brightness is 0 to 255, not 256"),
        ({"exposure_time_absolute": 9, "white_balance_automatic": 0}, "does not take 9"),
    ],
)
def test_one_that_is_refused_is_named_and_the_others_are_set(wanted, why):
    kernel = Kernel()
    with pytest.raises(ControlError, match=why):
        set_controls(kernel, wanted)
    assert kernel.values[WHITE_AUTO] == 0


def test_a_camera_that_is_gone_is_an_error_of_the_system():
    with pytest.raises(OSError, match="No such device"):
        card_of(Kernel(gone=True))


def test_whether_another_program_streams_is_asked_without_a_change():
    assert is_held(Kernel(held=True))
    assert not is_held(Kernel())
    assert not is_held(Kernel(gone=True))


@pytest.mark.parametrize(("held", "error"), [(True, Busy), (False, NotFound)])
def test_a_camera_that_does_not_open_is_busy_where_another_program_holds_it(
    held, error, monkeypatch
):
    class Capture:
        def __init__(self, *_):
            pass

        def isOpened(self):  # noqa: N802 - OpenCV's name
            return False

    monkeypatch.setattr(opencv.cv2, "VideoCapture", Capture)
    monkeypatch.setattr(opencv, "asking", lambda path: _given(Kernel(held=held), path))
    with pytest.raises(error) as raised:
        OpencvCamera(device=4).open()
    assert raised.value.mend


@given(st.lists(st.binary(min_size=68, max_size=68), max_size=8))
def test_whatever_a_driver_says_the_list_of_controls_ends(answers):
    left = iter(answers * 200)

    def ask(_code, buffer):
        buffer[:] = next(left, b"") or bytes(68)

    assert len(controls_of(ask)) <= v4l2.MOST


def test_a_camera_goes_by_its_id_or_else_by_its_place(tmp_path):
    for number in range(3):
        (tmp_path / f"video{number}").touch()
    for folder, links in {"by-id": {"usb-HD-0": 0}, "by-path": {"pci-0": 0, "pci-1": 1}}.items():
        (tmp_path / "v4l" / folder).mkdir(parents=True)
        for name, number in links.items():
            (tmp_path / "v4l" / folder / name).symlink_to(tmp_path / f"video{number}")
    stable = [stable_path(tmp_path / f"video{number}") for number in range(3)]
    assert stable == [
        f"{tmp_path}/v4l/by-id/usb-HD-0",
        f"{tmp_path}/v4l/by-path/pci-1",
        f"{tmp_path}/video2",
    ]
    assert find_cameras(tmp_path) == [], "files are no cameras"


def test_a_refused_control_stands_in_health_and_keeps_no_camera_away(monkeypatch):
    class Capture:
        def __init__(self, *_):
            pass

        def isOpened(self):  # noqa: N802 - OpenCV's name
            return True

        def set(self, *_):
            pass

        def release(self):
            pass

    kernel = Kernel()
    monkeypatch.setattr(opencv.cv2, "VideoCapture", Capture)
    monkeypatch.setattr(opencv, "asking", lambda path: _given(kernel, path))
    camera = OpencvCamera(device=4, controls={"brightness": 9, "contrast": 1})
    camera.open()
    health = camera.check_health()
    assert (health.condition, kernel.values[BRIGHTNESS]) == (Condition.UNKNOWN, 9)
    assert "no control contrast" in health.cause
    camera.close()


class _given:  # noqa: N801 - reads as a context
    def __init__(self, kernel, path):
        assert path == "/dev/video4"
        self._kernel = kernel

    def __enter__(self):
        return self._kernel

    def __exit__(self, *_):
        pass
