"""One line of the ledger: its JSON form, its hash, and the check of a chain of them.

    hash = SHA-256 of the canonical JSON of [seq, at_ms, kind, key, body, prev]

Canonical JSON: UTF-8, keys sorted, no spaces, integers and no fractions, so that any language
computes the same bytes. `prev` is the hash of the entry before; the first has 64 zeros. Changing,
dropping or moving any entry breaks the chain behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any

GENESIS = "0" * 64

_LEAVES = frozenset({str, int, bool, type(None)})
# Circles end in `_refuse_fractions`, so the encoder need not look for them again.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened: `kind` says what, `key` to whom (an out_trade_no, a delivery), `body` how."""

    seq: int
    at_ms: int
    kind: str
    key: str
    body: Mapping[str, Any]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain is broken, and how."""

    seq: int
    cause: str


def canonical(value: object) -> str:
    """`value` as canonical JSON.

    Raises TypeError for a fraction or a key that is no text, ValueError for half a character.
    """
    _refuse_fractions(value)
    text = _ENCODER.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text with half a character cannot be kept") from error
    return text


def digest(head: tuple[int, int, str, str], body: str, prev: str) -> str:
    """The hash of (seq, at_ms, kind, key), a body in canonical JSON, and the hash before."""
    seq, at_ms, kind, key = head
    front = f"[{seq},{at_ms},{encode_basestring(kind)},{encode_basestring(key)}"
    return hashlib.sha256(f'{front},{body},"{prev}"]'.encode()).hexdigest()


def follow(
    last: Entry | None,
    at_ms: int,
    kind: str,
    key: str,
    body: Mapping[str, Any],
    text: str | None = None,
) -> Entry:
    """The entry after `last` (None: the first of all).

    `text` is `canonical(body)` where the caller has it already, so that it is made once.
    """
    seq, prev = (last.seq + 1, last.hash) if last is not None else (1, GENESIS)
    hashed = digest((seq, at_ms, kind, key), canonical(body) if text is None else text, prev)
    return Entry(seq, at_ms, kind, key, body, prev, hashed)


def verify(entries: Iterable[Entry], last: Entry | None = None) -> Iterator[Fault]:
    """Every break in the chain of `entries`; none means that it holds.

    `last` is the entry before the first one (None: the first is the first of all).
    """
    seq, prev = (last.seq, last.hash) if last is not None else (0, GENESIS)
    for entry in entries:
        if entry.seq != seq + 1:
            yield Fault(entry.seq, f"follows {seq}")
        if entry.prev != prev:
            yield Fault(entry.seq, "does not continue the entry before it")
        head = (entry.seq, entry.at_ms, entry.kind, entry.key)
        if digest(head, canonical(entry.body), entry.prev) != entry.hash:
            yield Fault(entry.seq, "was changed after it was written")
        seq, prev = entry.seq, entry.hash


def entry_to_json(entry: Entry) -> str:
    """The entry as one line of canonical JSON, for upload and export."""
    return canonical(
        {
            "seq": entry.seq,
            "at_ms": entry.at_ms,
            "kind": entry.kind,
            "key": entry.key,
            "body": entry.body,
            "prev": entry.prev,
            "hash": entry.hash,
        }
    )


def entry_from_json(line: str) -> Entry:
    """What `entry_to_json` wrote, hash unchecked; raises ValueError for anything else."""
    try:
        fields = json.loads(line)
        entry = Entry(**fields)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not an entry: {line[:80]!r}") from error
    texts = (entry.kind, entry.key, entry.prev, entry.hash)
    numbers = (entry.seq, entry.at_ms)
    if (
        any(type(number) is not int for number in numbers)
        or any(type(text) is not str for text in texts)
        or type(entry.body) is not dict
    ):
        raise ValueError(f"not an entry: {line[:80]!r}")
    return entry


def _refuse_fractions(value: object) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            if type(key) is not str:
                raise TypeError(f"{key!r}: keys are texts")
            if type(each) not in _LEAVES:  # most values are, and a call each is what costs
                _refuse_fractions(each)
    elif isinstance(value, list | tuple):
        for each in value:
            if type(each) not in _LEAVES:
                _refuse_fractions(each)
    elif not isinstance(value, str | int | None):
        raise TypeError(f"{value!r}: only texts, integers, lists and tables can be kept")
