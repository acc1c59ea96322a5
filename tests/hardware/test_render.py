"""Slips drawn from their bytes alone: what is on the paper can be read back from the picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hardware.printers.escpos import LARGE, Align, Slip, Style
from hardware.printers.glyphs import Glyphs
from hardware.printers.paper import paper_picture
from hardware.printers.profile import profile_for
from hardware.printers.render import DOTS, Head, main
from hardware.printers.symbols import (
    CODE128_PATTERNS,
    UnprintableSymbolError,
    code128,
    code128_values,
    ean13,
)

WIDE = profile_for(80)


def usual_glyphs() -> Glyphs:
    try:
        return Glyphs()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def glyphs():
    return usual_glyphs()


def burn(glyphs, job: bytes, paper: int = 80):
    return Head(glyphs, DOTS[paper]).print(job)


def ink_columns(dots) -> tuple[int, int]:
    columns = np.flatnonzero(dots.any(axis=0))
    return int(columns[0]), int(columns[-1])


def test_alignment_puts_text_at_the_edge_it_names(glyphs):
    def edges(align):
        (piece,) = burn(glyphs, Slip(WIDE).text("国国", align=align).encode())
        return ink_columns(piece)

    assert edges(Align.LEFT)[1] <= 48
    assert edges(Align.RIGHT)[0] >= 576 - 48
    left, right = edges(Align.CENTRE)
    assert abs((left + right) / 2 - 288) < 4


def test_double_size_is_twice_as_high_and_wide(glyphs):
    def extent(style):
        (piece,) = burn(glyphs, Slip(WIDE).text("国H", style).encode())
        rows = np.flatnonzero(piece.any(axis=1))
        left, right = ink_columns(piece)
        return rows[-1] - rows[0] + 1, right - left + 1

    high, wide = extent(Style())
    assert extent(Style(wide=True, tall=True)) == (2 * high, 2 * wide)


def test_styles_change_the_ink_as_they_should(glyphs):
    def ink(style):
        (piece,) = burn(glyphs, Slip(WIDE).text("国H", style).encode())
        return int(piece.sum())

    plain = ink(Style())
    assert plain > 100
    assert ink(Style(bold=True)) > plain * 1.1
    assert ink(Style(underline=True)) > plain
    assert ink(Style(reverse=True)) > 36 * 24 - plain - 10


def test_hanzi_and_letters_stand_in_their_columns(glyphs):
    (piece,) = burn(glyphs, Slip(WIDE).pair("", "国").encode())
    assert ink_columns(piece)[0] >= 576 - 24
    (piece,) = burn(glyphs, Slip(WIDE).text("H" * 48).encode())
    assert piece.shape[0] <= 30, "48 letters fit on one line"


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("paper", [58, 80])
def test_a_qr_code_can_be_scanned_from_the_picture(glyphs, native, paper):
    text = "https://example.cn/r/20261121000417"
    job = Slip(profile_for(paper, native_qr=native)).text("谢谢").qr(text).cut().encode()
    picture = np.asarray(paper_picture(burn(glyphs, job, paper), paper * 8).convert("L"))
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == text


def widths(row) -> list[int]:
    """Lengths of the runs of bar and space in a row of dots."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    return [int(width) for width in np.diff(edges)]


def test_a_code128_can_be_read_from_the_dots(glyphs):
    number = "K01-20261121000417"
    (piece,) = burn(glyphs, Slip(WIDE).barcode(number, height=60, module=2).encode())
    row = piece[30]
    runs = [width // 2 for width in widths(row)]
    patterns = CODE128_PATTERNS.split()
    groups = ["".join(map(str, runs[at : at + 6])) for at in range(0, len(runs) - 7, 6)]
    values = [patterns.index(group) for group in groups]
    *payload, check = values
    assert check == (payload[0] + sum(p * v for p, v in enumerate(payload[1:], 1))) % 103
    assert "".join(map(str, runs[-7:])) == "2331112"
    sent = Slip(WIDE).barcode(number).encode().split(b"\x1dkI")[1]
    assert payload == code128_values(sent[1 : 1 + sent[0]])[0]


def test_every_code128_pattern_is_eleven_modules_and_its_own():
    patterns = CODE128_PATTERNS.split()
    assert len(set(patterns)) == 106
    assert {sum(map(int, pattern)) for pattern in patterns} == {11}


def test_an_ean13_has_95_modules_and_its_check_digit():
    bars, text = ean13("690123456789", 1, 10)
    assert bars.shape == (10, 95)
    assert text == "6901234567892"
    assert ean13("6901234567892", 1, 10)[0].tolist() == bars.tolist()
    assert (
        cv2.barcode.BarcodeDetector().detectAndDecode(
            np.pad(
                (~ean13("690123456789", 2, 120)[0]).astype(np.uint8) * 255, 60, constant_values=255
            )
        )[0]
        == "6901234567892"
    )


@pytest.mark.parametrize("data", [b"", b"12", b"{C\xff", b"{Z", b"{B\x01"])
def test_data_that_is_no_symbol_draws_no_bars(data):
    with pytest.raises(UnprintableSymbolError):
        code128(data, 2, 10)


def test_a_cut_ends_the_piece_after_the_feed_to_the_knife(glyphs):
    pieces = burn(glyphs, Slip(WIDE).text("a").cut().text("b").cut().encode())
    assert len(pieces) == 2
    assert all(not piece[-90:].any() for piece in pieces)


def test_a_symbol_wider_than_the_paper_is_not_drawn(glyphs):
    job = b"\x1b@\x1dw\x06\x1dkI\x1e{B" + b"A" * 28 + b"end\n"
    (piece,) = burn(glyphs, job)
    assert piece.shape[0] <= 30


def test_the_command_line_draws_a_png(tmp_path, capsys):
    usual_glyphs()
    job = Slip(WIDE).text("欢迎光临", LARGE, Align.CENTRE).cut().encode()
    (tmp_path / "slip.bin").write_bytes(job)
    assert main([str(tmp_path / "slip.bin"), str(tmp_path / "slip.png")]) == 0
    with Image.open(tmp_path / "slip.png") as picture:
        assert picture.width > 640
    assert main([str(tmp_path / "none.bin"), str(tmp_path / "x.png")]) == 1
    assert "not drawn" in capsys.readouterr().err


def test_a_missing_font_says_what_to_do():
    with pytest.raises(FileNotFoundError, match="--font"):
        Glyphs(Path("/nowhere/font.ttf"))
