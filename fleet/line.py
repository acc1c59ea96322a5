"""One line as a kiosk uploads it: read strictly, its hash checked over the very bytes that came.

A line is the canonical JSON of `kiosk.domain.entry`. What cannot be read, or does not have the
hash it claims, is a `Poison`: it is kept apart as it came, and takes the place it had in its batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from kiosk.domain.entry import digest

MAX_LINES = 1_000
MAX_BYTES = 8 * 1024 * 1024
MAX_BODY = 256 * 1024
MAX_KEY = 200
MAX_NUMBER = 2**53  # what any JSON reader keeps exactly
POISON = "quarantined"


class Wire(msgspec.Struct, forbid_unknown_fields=True):
    """A line's fields; the body as the bytes that came."""

    seq: int
    at_ms: int
    kind: str
    key: str
    body: msgspec.Raw
    prev: str
    hash: str


_DECODER = msgspec.json.Decoder(Wire)


class Line(msgspec.Struct, frozen=True, gc=False):
    """An entry whose hash holds; `body` is its canonical JSON, `prev` and `hash` have 32 bytes.

    Of the kind that is made in a fifth of a dataclass's time: every line of every kiosk is one.
    """

    seq: int
    at_ms: int
    kind: str
    key: str
    body: str
    prev: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Poison:
    """A line that nobody can believe, at the place where it stood; `hash` is that of its bytes."""

    seq: int
    raw: bytes
    cause: str

    @property
    def hash(self) -> bytes:
        """By which the same poison is known again."""
        return hashlib.sha256(self.raw).digest()


def read_lines(body: bytes) -> Iterator[Line | Poison]:
    """The lines of a batch, in its order.

    Raises ValueError for more than `MAX_LINES`, more than `MAX_BYTES`, and for a batch that opens
    with a line without a place: nothing says then where it belongs.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"{len(body)} bytes in one batch, of {MAX_BYTES}")
    raws = [raw for raw in body.split(b"\n") if raw]
    if len(raws) > MAX_LINES:
        raise ValueError(f"{len(raws)} lines in one batch, of {MAX_LINES}")
    first, place = 0, 0
    for raw in raws:
        line = _read(raw, place)
        first = first or line.seq
        if not first <= line.seq < first + MAX_LINES:
            line = Poison(place, raw, f"stands at {line.seq}, far from its batch")
        place = line.seq + 1
        yield line


def _read(raw: bytes, place: int) -> Line | Poison:
    try:
        wire = _DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        if not place:
            raise ValueError(f"the first line of a batch is no entry: {error}") from error
        return Poison(place, raw, f"cannot be read: {error}")
    if not 0 < wire.seq < MAX_NUMBER:
        if not place:
            raise ValueError(f"the first line of a batch has no place: {wire.seq}")
        return Poison(place, raw, "has no place in a chain")
    try:
        return _believed(wire)
    except ValueError as error:
        return Poison(wire.seq, raw, str(error))


def _believed(wire: Wire) -> Line:
    """The line; raises ValueError that says why it cannot be believed."""
    if not 0 <= wire.at_ms < MAX_NUMBER:
        raise ValueError("has no time")
    kind, key = wire.kind, wire.key
    if kind == POISON or not 0 < len(kind) <= 64 or len(key) > MAX_KEY:
        raise ValueError("has no kind or key that could be")
    if "\0" in key or "\0" in kind:
        raise ValueError("names nothing")
    body = bytes(wire.body)
    if len(body) > MAX_BODY:
        raise ValueError(f"has {len(body)} bytes of body, of {MAX_BODY}")
    if not body.startswith(b"{"):
        raise ValueError("has a body that is no table")
    text, prev = body.decode(), bytes.fromhex(wire.prev)
    found = digest((wire.seq, wire.at_ms, kind, key), text, wire.prev)
    if found != wire.hash or len(prev) != 32 or prev.hex() != wire.prev:
        raise ValueError("was changed after it was written")
    return Line(wire.seq, wire.at_ms, kind, key, text, prev, bytes.fromhex(found))
