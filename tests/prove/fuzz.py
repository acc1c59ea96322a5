"""Every parser on bytes that nobody meant: it reads them or refuses them, soon, in little memory.

    sample ─► cut, doubled, spliced, spoiled ─► parser ─► a value, or an error that it declares

The table of parsers is parsers.py. An input counts as a crash when the parser raises anything
else, takes more than HANG seconds of the processor, or more than MOST bytes of memory. The same
seed gives the same inputs, so a crash can be played again.
"""

from __future__ import annotations

import random
import re
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG = 1.0
MOST = 64 * 1024 * 1024
SHOWN = 5
"""Crashes that are told in full; the others are only counted."""

_TOKENS = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n", b",", b'"', b"'", b"`"),
    *(b"<", b"&#0;", b"&lt", b"]]>", b"<![CDATA[", b"</xml>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>"),
    *(b"-1", b"0", b"1e999", b"NaN", b"-0.001", b"12.345", b"9" * 5000, "٣９".encode(), b"null"),
    *(b"[" * 20_000, b'{"a":' * 20_000, b"<a>" * 20_000, b"[]", b"{}", b"true", b"\\ud800"),
)
_NUMBER = re.compile(rb"-?[0-9]+")
_NUMBERS = (b"0", b"-1", b"00", b"4294967296", b"9" * 19, b"9" * 5000, b"1.5", b"1e9", b"")


class Hang(BaseException):
    """The parser would not come to an end."""


@dataclass(frozen=True, slots=True)
class Parser:
    """One parser: what is genuine, how it is called, and what it may raise."""

    name: str
    samples: Sequence[bytes]
    read: Callable[[bytes], object]
    errors: tuple[type[Exception], ...] = ()
    tokens: Sequence[bytes] = ()
    """What its own grammar is made of, beside the usual."""
    longest: int = 1_000_000
    """Bytes that can come at once."""


@dataclass(slots=True)
class Tally:
    """What came of the inputs of one parser; `refused` are those it declined as it should."""

    inputs: int = 0
    refused: int = 0
    crashes: int = 0
    slowest_s: float = 0.0
    most_bytes: int = 0
    told: list[str] = field(default_factory=list)


def fuzz(parser: Parser, inputs: int, seed: int, hang: float = HANG) -> Tally:
    """Give the parser its samples, then so many inputs that were made of them.

    After ten times `hang` seconds an input is taken away from it.
    """
    chance, tally = random.Random(f"{parser.name} {seed}"), Tally()
    for sample in parser.samples:
        parser.read(sample)  # what is genuine is read, or the rest would say nothing
    tracemalloc.start()
    try:
        for _ in range(inputs):
            _try(parser, spoiled(parser, chance), tally, hang)
    finally:
        tracemalloc.stop()
    return tally


def spoiled(parser: Parser, chance: random.Random) -> bytes:
    """An input: now and then mere noise, else a sample after some accidents."""
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(300))
    data = chance.choice(parser.samples)
    while True:
        data = _accident(data, parser, chance)
        if chance.random() < 0.6:
            return data[: parser.longest]


def _accident(data: bytes, parser: Parser, chance: random.Random) -> bytes:
    start, stop = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    match chance.randrange(10):
        case 0 if data:
            at = chance.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:start] + data[stop:]
        case 2:
            return data[:stop]
        case 3:
            times = chance.choice((2, 2, 3, 100))
            return data[:start] + data[start : min(stop, start + 2000)] * times + data[stop:]
        case 4 if numbers := list(_NUMBER.finditer(data)):
            number = chance.choice(numbers)
            return data[: number.start()] + chance.choice(_NUMBERS) + data[number.end() :]
        case 5 | 6:
            at = min(stop, start + chance.randrange(12))  # a small one: a sign, a word
            return data[:start] + chance.choice((*parser.tokens, b"", b"0", b" ")) + data[at:]
        case 7:
            other = chance.choice(parser.samples)
            return data[:start] + other[chance.randrange(len(other) + 1) :]
        case _:
            token = chance.choice((*_TOKENS, *parser.tokens, *parser.tokens))
            return data[:start] + token + data[start if chance.random() < 0.5 else stop :]


def _try(parser: Parser, data: bytes, tally: Tally, hang: float) -> None:
    tally.inputs += 1
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    began, trouble = time.thread_time(), ""
    try:
        with _no_longer_than(10 * hang):
            parser.read(data)
    except parser.errors:
        tally.refused += 1
    except Hang:
        trouble = "hangs"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        trouble = f"{type(error).__name__}: {error}"
    took, bytes_ = time.thread_time() - began, tracemalloc.get_traced_memory()[1] - before
    tally.slowest_s = max(tally.slowest_s, round(took, 4))
    tally.most_bytes = max(tally.most_bytes, bytes_)
    if not trouble and took > hang:
        trouble = f"takes {took:.1f} s"
    if not trouble and bytes_ > MOST:
        trouble = f"takes {bytes_} bytes"
    if trouble:
        tally.crashes += 1
        if len(tally.told) < SHOWN:
            tally.told.append(f"{parser.name}: {trouble[:200]} for {data[:200]!r}")


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Raise Hang after so much of the processor; the clock of the wall is the test runner's."""

    def over(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
