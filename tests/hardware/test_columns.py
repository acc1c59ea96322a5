"""Text counted, wrapped and encoded as the printer's own Chinese font sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.columns import (
    CHARSETS,
    NO_GLYPH,
    Charset,
    encode,
    pair,
    pair_lines,
    printable,
    text_lines,
    width,
    wrap,
)

ANY_TEXT = st.text(max_size=60)
SHOP_TEXT = st.text(alphabet="苹果（红）富士,。A1 bc￥.é\n", max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中文", "D6D0 CEC4"),  # GB18030-2022, two-byte part
        ("苹果", "C6BB B9FB"),
        ("啊", "B0A1"),
        ("€", "A2E3"),  # GB18030; code page 936 has it at 80
        ("￥3.69", "A3A4 332E3639"),
        ("¥3.69", "A3A4 332E3639"),  # the half-width sign has four bytes: garbage on many printers
        ("㐀", "A1F5"),  # four bytes: a box
        ("𠀀", "A1F5"),
        ("ñ", "6E"),  # four bytes: its base letter
        ("é", "A8A6"),  # in GB2312
        ("\x1b@", "20 40"),  # no command comes in with a name
        ("\u200b", ""),
    ],
)
def test_characters_become_bytes_every_chinese_printer_has(text, expected):
    assert encode(text) == bytes.fromhex(expected)


def test_a_printer_with_the_whole_font_gets_four_bytes():
    assert encode("㐀", four_byte=True) == bytes.fromhex("8139EE39")
    assert wrap("㐀㐀中", 4, four_byte=True) == ["㐀㐀", "中"]
    assert pair("㐀", "1", 8, four_byte=True) == ["㐀     1"]


@given(ANY_TEXT)
def test_no_text_carries_a_control_byte(text):
    assert all(byte >= 0x20 and byte != 0x7F for byte in encode(text))


@given(ANY_TEXT)
def test_every_encoded_text_is_valid_gb18030(text):
    data = encode(text)
    assert data.decode("gb18030").encode("gb18030") == data


@given(ANY_TEXT, st.integers(2, 48))
def test_no_line_is_wider_than_the_paper(text, columns):
    assert all(width(line) <= columns for line in wrap(text, columns))


@given(SHOP_TEXT, st.integers(2, 48))
def test_wrapping_loses_nothing_but_spaces(text, columns):
    together = "".join(wrap(text, columns)).replace(" ", "")
    assert together == text.replace(" ", "").replace("\n", "")


@given(SHOP_TEXT.map(lambda t: t.replace("\n", "")), st.integers(0, 10**7), st.integers(16, 48))
def test_money_stands_whole_at_the_right_edge(name, fen, columns):
    money = f"￥{fen / 100:.2f}"
    lines = pair(name, money, columns)
    assert lines[-1].endswith(money)
    assert width(lines[-1]) == columns
    assert all(width(line) <= columns for line in lines)


@given(
    ANY_TEXT | SHOP_TEXT,
    ANY_TEXT | SHOP_TEXT,
    st.integers(2, 48),
    st.builds(Charset, st.sampled_from(CHARSETS), st.booleans()),
)
def test_encoded_lines_are_the_lines_encoded(left, right, columns, charset):
    def encoded(lines):
        return [charset.encode(line) for line in lines]

    four_byte = charset.four_byte
    assert text_lines(left, columns, charset) == encoded(wrap(left, columns, four_byte=four_byte))
    pairs = pair(left, right, columns, four_byte=four_byte)
    assert pair_lines(left, right, columns, charset) == encoded(pairs)
    assert all(byte >= 0x20 and byte != 0x7F for line in encoded(pairs) for byte in line)


@pytest.mark.parametrize(
    ("charset", "text", "expected"),
    [
        ("gb2312", "苹果￥", "C6BB B9FB A3A4"),
        ("gb2312", "鎔é", "A1F5 A8A6"),  # in GBK only: a box
        ("big5", "蘋果￥", "C4AB AA47 A244"),
        ("big5", "鲜", "A1BC"),
        ("utf-8", "苹", "E88BB9"),
    ],
)
def test_printers_of_other_character_sets_get_theirs(charset, text, expected):
    assert text_lines(text, 48, Charset(charset)) == [bytes.fromhex(expected)]


def test_a_pair_is_as_wide_in_every_character_set():
    line = pair_lines("苹果", "￥1.00", 20, Charset("utf-8"))[0].decode()
    assert line == "苹果" + " " * 10 + "￥1.00"


def test_words_stay_whole_and_punctuation_never_begins_a_line():
    assert wrap("milk powder 900g", 12) == ["milk powder", "900g"]
    assert wrap("苹果苹果，苹果", 8) == ["苹果苹", "果，苹果"]
    assert wrap("苹果苹（果）", 8) == ["苹果苹", "（果）"]


def test_a_word_longer_than_the_paper_is_broken():
    assert wrap("a" * 20, 8) == ["a" * 8, "a" * 8, "a" * 4]


@pytest.mark.parametrize("first", range(0, 0x10000, 0x1000))
def test_a_character_is_printed_the_same_alone_and_among_others_that_are_looked_at(first):
    every = [chr(code) for code in range(first, first + 0x1000) if not 0xD800 <= code < 0xE000]
    looked_at = "".join(every) + "𠀀"  # with this, each character of the line is looked at
    assert b"".join(map(encode, every)) + NO_GLYPH.encode("gb18030") == encode(looked_at)
    assert sum(width(printable(char)) for char in every) + 2 == len(encode(looked_at))
