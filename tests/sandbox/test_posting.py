"""What a merchant's end may answer to a notify, from the proper to the absurd."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.sandbox.posting import LONGEST, Answer, Unreadable, answer_from


def read(raw):
    async def reading():
        reader = asyncio.StreamReader()
        reader.feed_data(raw)
        reader.feed_eof()
        return await answer_from(reader)

    return asyncio.run(reading())


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore", Answer(200, b"ok")),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", Answer(200, b"to the end")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", Answer(200, b"cut")),
        (b"HTTP/1.1 204 No Content\r\n\r\nnothing is read", Answer(204, b"")),
        (b"HTTP/1.1 500", Answer(500, b"")),
    ],
)
def test_an_answer_is_read_as_far_as_it_comes(raw, answer):
    assert read(raw) == answer


LINES = st.sampled_from([b"HTTP/1.1 200 OK", b"Content-Length: 5", b"Content-Length:", b"\r\n"])


@given(st.lists(st.one_of(LINES, st.binary(max_size=40)), max_size=6).map(b"\r\n".join))
@example(b"")
@example(b"HTTP/1.1")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000)
def test_whatever_comes_is_an_answer_or_unreadable(raw):
    try:
        answer = read(raw)
    except Unreadable:
        return
    assert len(answer.body) <= LONGEST
