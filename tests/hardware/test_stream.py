"""The printer's side of the stream: where each command ends. Lengths: Epson and Zijiang manuals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.stream import TokenStream, find_realtime


def cut(data: bytes, **options) -> list[bytes]:
    stream = TokenStream(**options)
    stream.feed(data)
    return [token.raw for token in stream]


@pytest.mark.parametrize(
    "command",
    [
        "1B40",
        "1C26",
        "1B6101",
        "1B700019FA",  # drawer: three parameters
        "1D5600",  # cut A: no n
        "1D5631",
        "1D564200",  # cut B: with n
        "1D6B02 363930313233343536373839 00",  # bar code, form A
        "1D6B43 0C 363930313233343536373839",  # form B
        "1D6B49 05 7B430C2238",
        "1D286B0800 315030 48454C4C4F",
        "1D284806003030 30303031",
        "1D763000 0100 0200 FF81",
        "1B2A21 0200 FFFFFFFFFFFF",
        "1B44 080810 00",
        "1D4C1000",
        "1C32FEA1" + "00" * 72,
        "1004 04",
        "1014010001",
        "0A",
        "41",
        "D6D0",
        "81308436",  # a character of four bytes
    ],
)
def test_each_command_is_taken_whole(command):
    data = bytes.fromhex(command)
    assert cut(data + b"A") == [data, b"A"]
    for size in range(1, len(data)):
        assert b"".join(cut(data[:size])) in {b"", data[:size]}


def test_a_half_command_waits_for_its_rest():
    stream = TokenStream()
    stream.feed(bytes.fromhex("1D286B0800 3150"))
    assert stream.take() is None
    stream.feed(bytes.fromhex("30 48454C4C4F"))
    token = stream.take()
    assert token is not None
    assert (token.op, token.args[-5:]) == (b"\x1d(k", b"HELLO")


def test_outside_chinese_mode_high_bytes_are_single():
    assert cut(b"\x1c\x2e\xd6\xd0\x1c\x26\xd6\xd0") == [
        b"\x1c\x2e",
        b"\xd6",
        b"\xd0",
        b"\x1c\x26",
        b"\xd6\xd0",
    ]


@given(st.binary(max_size=300), st.integers(1, 20))
def test_no_byte_is_lost_however_the_stream_is_split(data, size):
    stream = TokenStream()
    taken = b""
    for at in range(0, len(data), size):
        stream.feed(data[at : at + size])
        taken += b"".join(token.raw for token in stream)
    assert len(taken) + stream.pending == len(data)
    assert data.startswith(taken)
    assert taken == b"".join(cut(data))


@pytest.mark.parametrize(
    ("data", "request_bytes"),
    [
        ("FF 10 04 01 FF", "100401"),
        ("00 10 10 05 02", "100502"),
        ("10 14 01 00 01", "1014010001"),
        ("10 14 08 01 03 14 01 06 02 08", "10140801031401060208"),
    ],
)
def test_requests_are_found_by_value_inside_anything(data, request_bytes):
    hit = find_realtime(bytes.fromhex(data))
    assert hit is not None
    assert hit[1] == bytes.fromhex(request_bytes)


@pytest.mark.parametrize("data", ["10", "10 04", "10 14 01 00", "10 20 01", "04 01"])
def test_a_half_request_is_none(data):
    assert find_realtime(bytes.fromhex(data)) is None
