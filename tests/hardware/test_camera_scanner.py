"""The scanner made of a camera, before a simulated one to which drawn codes are held."""

from __future__ import annotations

import time
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hardware.cameras.codes import CodeCamera, Held
from hardware.devices import Camera, Condition, Frame, Health, ScanData, Scanner, Symbology
from hardware.scanners.camera import CameraScanner, decode
from hardware.testing import CameraContract, CameraRig, ScannerContract, ScannerRig, wait_until
from kiosk import registry
from kiosk.errors import ConfigError
from kiosk.settings import Driver

EAN = "6901234567892"
GS1 = "(01)06901234567892(3103)001234(10)AB1(17)261231"
GS1_SENT = b"0106901234567892310300123410AB1\x1d17261231"


class TestCodeCamera(CameraContract):
    @contextmanager
    def rig(self, folder):
        camera = CodeCamera()
        assert isinstance(camera, Camera)
        yield CameraRig(camera, camera.unplug, camera.plug, camera.hang)


class TestCameraScanner(ScannerContract):
    @contextmanager
    def rig(self, folder):
        camera = CodeCamera()
        scanner = CameraScanner(camera=camera, fps=60)
        assert isinstance(scanner, Scanner)
        yield ScannerRig(
            scanner, lambda code: camera.pass_by(Held(code)), camera.unplug, camera.plug
        )


@pytest.fixture
def before():
    """A camera, a scanner with these options, and its codes."""
    made = []

    def put(**options):
        camera = CodeCamera()
        scanner = CameraScanner(camera=camera, **{"fps": 60, **options})
        codes: list[ScanData] = []
        told: list[Health] = []
        scanner.open(codes.append, told.append)
        made.append(scanner)
        return camera, scanner, codes, told

    yield put
    for scanner in made:
        scanner.close()


def frames_more(camera, count):
    wanted = camera.frames + count
    return wait_until(lambda: camera.frames >= wanted)


@pytest.mark.parametrize(
    ("held", "data", "symbology"),
    [
        (Held(EAN), EAN.encode(), Symbology.EAN13),
        (Held("036000291452", "UPCA"), b"0036000291452", Symbology.EAN13),
        (Held("04252614", "UPCE"), b"0042100005264", Symbology.EAN13),
        (Held("12345670"), b"12345670", Symbology.EAN8),
        (Held("AB-12", "Code128"), b"AB-12", Symbology.CODE128),
        (Held("https://example.cn/苹果"), "https://example.cn/苹果".encode(), Symbology.QR),
        (Held("abc", "DataMatrix", scale=4), b"abc", Symbology.DATA_MATRIX),
        (Held("0106901234567892", "DataBarOmni"), b"0106901234567892", Symbology.DATABAR),
        (Held(GS1, "DataBarExp", scale=1), GS1_SENT, Symbology.DATABAR),
        (Held(GS1, "Code128", scale=1, gs1=True), GS1_SENT, Symbology.GS1_128),
        (Held(GS1, "QRCode", gs1=True), GS1_SENT, Symbology.GS1_QR),
        (Held(GS1, "DataMatrix", scale=4, gs1=True), GS1_SENT, Symbology.GS1_DATA_MATRIX),
    ],
)
def test_a_code_of_every_kind_is_read(before, held, data, symbology):
    camera, _, codes, _ = before()
    camera.hold(held)
    assert wait_until(lambda: bool(codes))
    assert codes == [ScanData(data, symbology)]


@pytest.mark.parametrize("degrees", [17, 30, 45, 90, 133, 180, 270])
@pytest.mark.parametrize("symbology", ["EAN13", "QRCode"])
def test_a_code_is_read_whichever_way_it_is_turned(before, degrees, symbology):
    camera, _, codes, _ = before()
    camera.hold(Held(EAN, symbology, degrees=degrees, scale=3))
    assert wait_until(lambda: bool(codes))
    assert [code.text for code in codes] == [EAN]


@pytest.mark.parametrize(
    "held",
    [Held(EAN, scratch=0.5), Held(EAN, blur=1.5, scale=4), Held(EAN, "QRCode", 9, 4, blur=1.5)],
)
def test_a_scratched_or_blurred_code_is_read_and_never_as_another(before, held):
    camera, _, codes, _ = before()
    camera.hold(held)
    assert wait_until(lambda: bool(codes))
    assert frames_more(camera, 5)
    assert [code.text for code in codes] == [EAN]


def test_a_code_counts_once_while_it_stays_and_again_after_it_was_gone(before):
    now = [10.0]
    camera, _, codes, _ = before(again_s=1.5, clock=lambda: now[0])
    camera.hold(Held(EAN))
    assert wait_until(lambda: len(codes) == 1)
    now[0] += 1.0
    assert frames_more(camera, 5)
    camera.clear()  # a hand in between, shorter than again_s
    assert frames_more(camera, 2)
    now[0] += 1.0
    camera.hold(Held(EAN))
    assert frames_more(camera, 5)
    assert len(codes) == 1
    camera.clear()
    assert frames_more(camera, 2)
    now[0] += 1.6
    camera.hold(Held(EAN))
    assert wait_until(lambda: len(codes) == 2)


def test_two_codes_in_view_are_two_codes(before):
    camera, _, codes, _ = before()
    camera.hold(Held(EAN), Held("12345670"))
    assert wait_until(lambda: len(codes) == 2)
    assert frames_more(camera, 3)
    assert sorted(code.text for code in codes) == ["12345670", EAN]


def test_only_the_chosen_part_and_the_chosen_kinds_are_looked_at(before):
    camera, _, codes, _ = before(right=0.5, symbologies="ean-8 qr")
    camera.hold(Held("https://a.cn/1"), Held("12345670"))
    assert wait_until(lambda: bool(codes))
    camera.hold(Held(EAN, scale=1), Held("abc"))
    assert frames_more(camera, 5)
    assert [code.text for code in codes] == ["https://a.cn/1"]


def test_a_disabled_scanner_does_not_even_look(before):
    camera, scanner, codes, _ = before()
    assert frames_more(camera, 1)
    scanner.disable()
    assert wait_until(lambda: not camera._streams)
    before_that = camera.frames
    camera.hold(Held(EAN))
    time.sleep(0.1)
    assert camera.frames == before_that
    scanner.enable()
    assert wait_until(lambda: [code.text for code in codes] == [EAN])


def test_no_more_frames_are_decoded_than_allowed(before):
    camera, _, _, _ = before(fps=5)
    assert frames_more(camera, 1)
    began, start = camera.frames, time.monotonic()
    time.sleep(0.5)
    assert camera.frames - began <= 5 * (time.monotonic() - start) + 2


def test_a_camera_that_hangs_is_told_and_so_is_its_return(before):
    camera, scanner, codes, told = before()
    camera.hang()
    assert wait_until(lambda: [each.condition for each in told] == [Condition.BAD])
    assert scanner.check_health().cause
    camera.plug()
    camera.hold(Held(EAN))
    assert wait_until(lambda: [code.text for code in codes] == [EAN])
    assert told[-1] == Health(Condition.GOOD)


def test_a_frame_that_cannot_be_used_does_not_end_the_looking(before):
    camera, _, codes, _ = before()
    good, camera.read = camera.read, lambda timeout_s: Frame(np.zeros((4, 4)), 0.0, 1)
    time.sleep(0.05)
    camera.read = good
    camera.hold(Held(EAN))
    assert wait_until(lambda: [code.text for code in codes] == [EAN])


@settings(max_examples=30)
@given(arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90))))
def test_no_picture_is_too_strange(grey):
    for code in decode(grey):
        assert code.data


def test_the_settings_name_any_camera_driver():
    table = {"driver": "opencv", "device": "/dev/v4l/by-id/x"}
    built = registry.build("scanner", Driver("camera", {"camera": table, "fps": 4.0}))
    assert built.check_health().condition is Condition.BAD
    for wrong in ({"driver": "opencv", "lens": 1}, {"driver": "plate"}, {}):
        with pytest.raises(ConfigError):
            registry.build("scanner", Driver("camera", {"camera": wrong}))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"camera": None}, "camera"),
        ({"fps": 0.0}, "fps"),
        ({"width": 10}, "width"),
        ({"left": 0.6, "right": 0.5}, "left"),
        ({"symbologies": "ean-13 dots"}, "symbologies"),
        ({"again_s": 0.0}, "again_s"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        CameraScanner(**{"camera": CodeCamera(), **options})
