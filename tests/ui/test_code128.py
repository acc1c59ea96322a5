"""The number that staff scan, read back by a decoder that shares nothing with the encoder."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.code128 import encode


def patterns():
    """Landmarks as printed in the standard, by value."""
    return {0: "11011001100", 33: "10100011000", 64: "10100001100", 99: "10111011110",
            100: "10111101110", 103: "11010000100", 104: "11010010000", 105: "11010011100",
            106: "11000111010"}  # fmt: skip


def runs(modules):
    return [len(list(group)) for _, group in itertools.groupby(modules)]


def symbols(text):
    modules = encode(text)
    assert modules.endswith("11")
    body = modules[:-2]
    return [body[at : at + 11] for at in range(0, len(body), 11)]


def test_a_name_in_set_b_is_the_one_of_the_standard_examples():
    """PJJ123C has check value 54 in set A and 55 in set B (one more for the start)."""
    seen = symbols("PJJ123C")
    assert seen[0] == patterns()[104]
    assert seen[-1] == patterns()[106]
    assert len(seen) == 1 + 7 + 1 + 1
    assert seen[2] == seen[3]
    assert seen[-2] == symbols("W")[1]  # value 55 is the letter W


@pytest.mark.parametrize(
    ("text", "count"),
    [("1234", 5), ("12345", 7), ("123", 6), ("20261121223000123456", 13), ("AB", 5)],
)
def test_digits_are_packed_in_pairs(text, count):
    assert len(symbols(text)) == count
    start = 105 if text[:4].isdigit() and len(text) >= 4 else 104
    assert symbols(text)[0] == patterns()[start]


def test_an_odd_last_digit_goes_over_to_set_b():
    assert symbols("12345")[3] == patterns()[100]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=32))
def test_every_symbol_is_well_formed(text):
    for symbol in symbols(text):
        assert len(symbol) == 11
        assert symbol[0] == "1"
        assert symbol[-1] == "0"
        assert len(runs(symbol)) == 6
        assert max(runs(symbol)) <= 4
        assert symbol.count("1") % 2 == 0


@given(
    st.text("0123456789", min_size=4, max_size=32), st.text("0123456789", min_size=4, max_size=32)
)
def test_two_numbers_never_look_the_same(one, other):
    assert (encode(one) == encode(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "号码", "tab\t"])
def test_what_set_b_does_not_have_is_refused(text):
    with pytest.raises(ValueError, match="CODE128"):
        encode(text)
