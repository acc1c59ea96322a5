"""The slips that are kept to look at: their bytes and pictures are what is made today."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

import hardware.printers
from hardware.printers.glyphs import Glyphs
from hardware.printers.realtime import find_realtime
from hardware.printers.samples import NUMBER, SAMPLES, main
from hardware.printers.stream import TokenStream

GOLDEN = Path(__file__).parent / "golden"
PICTURES = Path(hardware.printers.__file__).parent / "pictures"
NAMES = list(SAMPLES)


def usual_glyphs() -> Glyphs:
    try:
        return Glyphs()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", NAMES)
def test_the_kept_bytes_are_those_that_are_made(name):
    assert SAMPLES[name].bytes() == (GOLDEN / f"{name}.bin").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_kept_picture_is_the_one_that_is_drawn(name):
    """Compared softly, since a font of another release has other edges."""
    kept = Image.open(PICTURES / f"{name}.png").convert("L")
    drawn = SAMPLES[name].picture(usual_glyphs()).convert("L")
    assert kept.size == drawn.size
    soft = [np.asarray(one.filter(ImageFilter.BoxBlur(2)), dtype=np.int16) for one in (kept, drawn)]
    assert (np.abs(soft[0] - soft[1]) > 60).mean() < 0.005


def test_another_slip_is_another_picture():
    kept = Image.open(PICTURES / "copy-80.png").convert("L")
    other = Image.open(PICTURES / "slip-80.png").convert("L").crop((0, 0, *kept.size))
    soft = [np.asarray(one.filter(ImageFilter.BoxBlur(2)), dtype=np.int16) for one in (kept, other)]
    assert (np.abs(soft[0] - soft[1]) > 60).mean() > 0.05


def test_nothing_else_is_kept():
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(f"{n}.bin" for n in NAMES)
    assert sorted(path.name for path in PICTURES.iterdir()) == sorted(f"{n}.png" for n in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_pictures_are_small(name):
    path = PICTURES / f"{name}.png"
    assert path.stat().st_size <= 40_000
    assert Image.open(path).mode == "P"


@pytest.mark.parametrize("name", NAMES)
def test_a_printer_takes_every_sample_whole(name):
    job = SAMPLES[name].bytes()
    stream = TokenStream()
    stream.feed(job)
    assert b"".join(token.raw for token in stream) == job
    assert find_realtime(job) is None


@pytest.mark.parametrize("name", ["slip-58", "slip-80", "copy-80"])
def test_both_codes_can_be_scanned_from_the_picture(name):
    picture = np.asarray(Image.open(PICTURES / f"{name}.png").convert("RGB"))
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == f"kiosk:{NUMBER}"
    codes = {str(code.format): code.text for code in zxingcpp.read_barcodes(picture)}
    assert NUMBER in codes.values()


def test_a_label_ends_at_its_gap():
    sample = SAMPLES["label-40"]
    assert sample.bytes().endswith(bytes.fromhex("1D0C"))
    assert Image.open(PICTURES / "label-40.png").width == 40 * 8 + 2 * 28


def test_the_command_writes_both(tmp_path, capsys):
    usual_glyphs()
    assert main([str(tmp_path / "bytes"), str(tmp_path / "pictures")]) == 0
    for name in NAMES:
        kept = (GOLDEN / f"{name}.bin").read_bytes()
        assert (tmp_path / "bytes" / f"{name}.bin").read_bytes() == kept
    assert main([]) == 2
    assert "BYTES PICTURES" in capsys.readouterr().err
