"""CODE128: the shortest mix of code sets, and no real-time request inside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.code128 import encode
from hardware.printers.realtime import find_realtime
from hardware.printers.symbols import code128_values

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40)
DIGITS = st.text("0123456789", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        # Epson ESC/POS guide, GS k function B, m = 73, with the code set escapes.
        ("AB12", "7B42 41423132"),
        ("123456", "7B43 0C2238"),
        ("1234X", "7B43 0C22 7B42 58"),
        ("A{B", "7B42 41 7B7B 42"),
        # 16 04 01 in set C would be DLE EOT 1.
        ("160401", "7B42 313630343031"),
    ],
)
def test_the_bytes_are_those_of_the_manual(text, data):
    assert encode(text).data == bytes.fromhex(data)


@given(PRINTABLE | DIGITS)
def test_the_printer_reads_back_the_same_text(text):
    symbol = encode(text)
    values, read = code128_values(symbol.data)
    assert read == text
    assert symbol.modules == 11 * (len(values) + 1) + 13  # + check symbol, + stop


@given(st.lists(st.sampled_from(["16", "04", "01", "20", "05", "1", "A"]), min_size=1, max_size=16))
def test_no_number_is_a_real_time_request(parts):
    symbol = encode("".join(parts))
    assert find_realtime(symbol.data) is None
    assert code128_values(symbol.data)[1] == "".join(parts)


@given(DIGITS)
def test_digits_are_half_as_wide_as_letters(digits):
    letters = "A" * len(digits)
    if len(digits) >= 4 and find_realtime(bytes.fromhex(digits + "0" * (len(digits) % 2))) is None:
        assert encode(digits).modules <= encode(letters).modules


@pytest.mark.parametrize("text", ["", "中", "a\n", "a" * 300])
def test_what_has_no_symbol_is_refused(text):
    with pytest.raises(ValueError, match="CODE128"):
        encode(text)
