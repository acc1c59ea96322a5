"""CODE128 data for GS k 73: the shortest mix of set B (one character) and set C (two digits).

    7B 42  set B      7B 43  set C: each following byte is a digit pair 0 to 99, raw
    7B 7B  "{"        choose so that the symbol has the fewest code words

Sources: ESC/POS command manuals, GS k; ISO/IEC 15417 annex on the use of the code sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hardware.printers.realtime import find_realtime

SET_B = b"{B"
SET_C = b"{C"


@dataclass(frozen=True, slots=True)
class Code128:
    """``data``: the bytes after the length byte; ``modules``: width without the quiet zones."""

    data: bytes
    modules: int


def encode(text: str) -> Code128:
    """The narrowest encoding of printable ASCII; raises ValueError for anything else.

    Digit pairs are raw bytes, so "160401" in set C would be 10 04 01, which a serial printer obeys
    as a status request wherever it stands. Such a pair is sent in set B instead.
    """
    if not text or any(not " " <= char <= "~" for char in text):
        raise ValueError("a CODE128 bar code takes printable ASCII and at least one character")
    banned: frozenset[int] = frozenset()
    while True:
        steps = _shortest(text, banned)
        data, places = _assemble(text, steps)
        hit = find_realtime(data)
        if hit is None:
            if len(data) > 255:
                raise ValueError("a CODE128 bar code takes at most 255 bytes")
            return Code128(data, 11 * (_symbols(steps) + 2) + 13)  # + start and check, + stop
        banned |= {places[hit + 1]}


def _shortest(text: str, banned: frozenset[int]) -> list[str]:
    """Which set each step uses, "B" for one character or "C" for two, by dynamic programming."""
    size = len(text)
    if text.isdigit() and size % 2 == 0 and not banned:
        return ["C"] * (size // 2)
    best: dict[str, list[tuple[int, str]]] = {s: [(0, "")] * (size + 1) for s in "BC"}
    for at in range(size - 1, -1, -1):
        pair_ok = text[at : at + 2].isdigit() and at + 2 <= size and at not in banned
        for now in "BC":
            options = [(best["B"][at + 1][0] + 1 + (now != "B"), "B")]
            if pair_ok:
                options.append((best["C"][at + 2][0] + 1 + (now != "C"), "C"))
            best[now][at] = min(options)
    state = min("BC", key=lambda s: best[s][0][0])
    steps: list[str] = []
    at = 0
    while at < size:
        state = best[state][at][1]
        steps.append(state)
        at += 1 if state == "B" else 2
    return steps


def _symbols(steps: list[str]) -> int:
    return len(steps) + sum(a != b for a, b in pairwise(steps))


def _assemble(text: str, steps: list[str]) -> tuple[bytes, list[int]]:
    """The bytes, and for each byte the index in ``text`` that it comes from."""
    data = bytearray()
    places: list[int] = []
    at = 0
    state = ""
    for step in steps:
        part = b"" if step == state else (SET_B if step == "B" else SET_C)
        if step == "B":
            part += text[at].encode("ascii").replace(b"{", b"{{")
        else:
            part += bytes([int(text[at : at + 2])])
        data += part
        places += [at] * len(part)
        at += 1 if step == "B" else 2
        state = step
    return bytes(data), places
