"""Slips as bytes. Golden bytes: Epson ESC/POS application programming guide, by command."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.escpos import LARGE, Align, Slip, Style, kick
from hardware.printers.profile import profile_for
from hardware.printers.realtime import find_realtime, harmless_dots
from hardware.printers.stream import TokenStream

WIDE = profile_for(80)
NARROW = profile_for(58)


def tokens(job: bytes):
    stream = TokenStream()
    stream.feed(job)
    taken = list(stream)
    assert stream.pending == 0, "the printer waits for more of the last command"
    return taken


def lines_of(job: bytes) -> list[bytes]:
    """The text lines of a job, each as its GB18030 bytes."""
    lines, line = [], b""
    for token in tokens(job):
        if token.op == b"\n":
            lines.append(line)
            line = b""
        elif token.is_text:
            line += token.args
    return lines


def test_a_slip_begins_with_a_reset_and_chinese_mode():
    assert Slip(WIDE).encode() == bytes.fromhex("1B40 1C26")  # ESC @, FS &


def test_a_double_size_line_sets_ascii_and_hanzi_sizes():
    job = Slip(WIDE).text("欢迎光临", Style(wide=True, tall=True), Align.CENTRE).text("ok").encode()
    assert job == bytes.fromhex(
        "1B40 1C26"
        "1B6101"  # ESC a: centre
        "1D2111 1C210C"  # GS !: ASCII double both ways; FS !: hanzi as well
        "BBB6D3ADB9E2C1D9 0A"
        "1B4A08"  # ESC J: the line spacing is less than a line of double height
        "1B6100"
        "1D2100 1C2100"
        "6F6B 0A"
    )


def test_bold_underline_and_reverse_are_switched_on_and_off():
    style = Style(bold=True, underline=True, reverse=True)
    job = Slip(WIDE).text("a", style).text("b").encode()
    assert job == bytes.fromhex(
        "1B40 1C261B4501 1B2D01 1D4201 1D2100 1C2180 61 0A1B4500 1B2D00 1D4200 1D2100 1C2100 62 0A"
    )


def test_a_pair_fills_the_line_and_money_is_full_width_yen():
    job = Slip(NARROW).pair("苹果", "¥3.69").encode()
    assert lines_of(job) == ["苹果".encode("gb18030") + b" " * 22 + b"\xa3\xa43.69"]


@pytest.mark.parametrize(("profile", "columns"), [(WIDE, 48), (NARROW, 32)])
def test_a_double_wide_pair_has_half_the_columns(profile, columns):
    job = Slip(profile).pair("合计", "￥1.00", LARGE).encode()
    assert len(lines_of(job)[0]) * 2 == columns


def test_a_narrowed_profile_sets_the_print_area():
    assert Slip(profile_for(58, columns=26)).encode() == bytes.fromhex("1B40 1C26 1D57 3801")
    assert Slip(profile_for(80, columns=42)).encode() == bytes.fromhex("1B40 1C26 1D57 0002")


def test_a_label_ends_with_the_command_of_its_make_instead_of_a_cut():
    job = Slip(profile_for(58, labels="1D 0C")).text("a").cut().encode()
    assert job == bytes.fromhex("1B40 1C26 61 0A 1D0C")  # GS FF


def test_the_cut_feeds_to_the_knife_and_leaves_a_tab():
    assert Slip(WIDE).cut().encode().endswith(bytes.fromhex("1D5642 00"))  # GS V B, n = 0


def test_a_barcode_has_height_module_text_and_its_length():
    job = Slip(WIDE).barcode("123456", height=80, module=3).encode()
    assert job == bytes.fromhex(
        "1B40 1C26 1B6101 1D6850 1D7703 1D4802 1D6600 1D6B49 05 7B43 0C2238"
    )


def test_a_barcode_wider_than_the_paper_is_printed_as_text():
    number = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    job = Slip(NARROW).barcode(number).encode()
    assert b"\x1dk" not in job
    assert number.encode() in job


def test_a_barcode_is_made_narrower_before_it_is_given_up():
    job = Slip(NARROW).barcode("A" * 12, module=6).encode()
    assert bytes.fromhex("1D7702") in job


def test_a_qr_code_is_the_five_functions_of_the_manual():
    job = Slip(WIDE).qr("HELLO", module=6).encode()
    assert (
        bytes.fromhex(
            "1D286B0400 31413200 1D286B0300 314306 1D286B0300 314531"
            "1D286B0800 315030 48454C4C4F 1D286B0300 315130"
        )
        in job
    )
    store = Slip(WIDE).qr("https://example.cn/r/1").encode()
    assert bytes.fromhex("1D286B1900 315030") in store  # 22 bytes + 3


def test_a_printer_without_native_qr_gets_dots():
    job = Slip(profile_for(58, native_qr=False)).qr("https://example.cn/r/1").encode()
    assert b"\x1d(k" not in job
    assert bytes.fromhex("1D763000") in job
    assert job.count(bytes.fromhex("1C26")) >= 2, "Chinese mode is set again after graphics"


def test_tall_pictures_go_in_strips():
    job = Slip(WIDE).raster(np.ones((300, 576), dtype=np.bool_)).encode()
    heads = [t.args[:5] for t in tokens(job) if t.op == b"\x1dv0"]
    assert [head[3] for head in heads] == [128, 128, 44]
    assert all(head[1:3] == b"\x48\x00" for head in heads)


def test_a_drawer_pulse_always_has_both_times():
    assert kick(2, 50) == bytes.fromhex("1B70 00 19 64")  # 50 ms on, 200 ms off
    assert kick(5, 120) == bytes.fromhex("1B70 01 3C F0")
    for pin, ms in ((3, 100), (2, 0), (2, 500)):
        with pytest.raises(ValueError, match="pulse"):
            kick(pin, ms)


@pytest.mark.parametrize(
    "call",
    [
        lambda slip: slip.qr("a\x10\x04\x01"),
        lambda slip: slip.qr("a" * 1001),
        lambda slip: slip.qr(""),
        lambda slip: slip.qr("a", level="X"),
        lambda slip: slip.feed(256),
        lambda slip: slip.barcode("中"),
        lambda slip: slip.barcode("1", module=7),
        lambda slip: slip.raster(np.ones((1, 577), dtype=np.bool_)),
    ],
)
def test_what_a_printer_cannot_do_is_refused(call):
    with pytest.raises(ValueError, match=r"takes|code|feed|picture|request"):
        call(Slip(WIDE))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"paper": 70}, "58 or 80"),
        ({"paper": 58, "columns": 48}, "at most 32"),
        ({"paper": 58, "charset": "latin-1"}, "charset"),
    ],
)
def test_a_bad_profile_is_refused(options, word):
    with pytest.raises(ValueError, match=word):
        profile_for(**options)


STYLES = st.builds(Style, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("text"), st.text(max_size=40), STYLES, st.sampled_from(Align)),
            st.tuples(st.just("pair"), st.text(max_size=40), st.text(max_size=12), STYLES),
        ),
        max_size=5,
    ),
    st.sampled_from([WIDE, NARROW]),
)
def test_any_slip_fits_the_paper_and_hides_no_request(calls, profile):
    slip = Slip(profile)
    for name, *arguments in calls:
        getattr(slip, name)(*arguments)
    job = slip.encode()
    assert find_realtime(job) is None
    assert all(len(line) <= profile.columns for line in lines_of(job))


@given(
    st.binary(max_size=400)
    | st.lists(
        st.sampled_from([b"\x10", b"\x04", b"\x14", b"\x05", b"\x01", b"\x00", b"\xff"]),
        max_size=60,
    ).map(b"".join)
)
def test_graphics_never_contain_a_request_and_change_by_single_dots(data):
    dots = harmless_dots(data)
    assert find_realtime(dots) is None
    assert len(dots) == len(data)
    assert all(a == b or (a, b) == (0x10, 0x11) for a, b in zip(data, dots, strict=True))


@given(st.integers(1, 40), st.integers(1, 576), st.integers(0, 2**32 - 1))
def test_any_picture_is_taken_whole_by_the_printer(height, width, seed):
    dots = np.random.default_rng(seed).random((height, width)) < 0.5
    job = Slip(WIDE).raster(dots).encode()
    assert find_realtime(job) is None
    assert [t.op for t in tokens(job)].count(b"\x1dv0") == 1
