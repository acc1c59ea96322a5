"""The JSON of the third-version interface: written once as bytes, read without trust.

What comes in has one object at the top, no name twice and no number that is none; a value is only
ever taken by its path and its type, and a text only with characters that can be printed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

LIMIT = 256 * 1024  # bytes of an answer; the largest genuine ones have a tenth of it

Document = Mapping[str, Any]


def encode(document: Document) -> bytes:
    """The body as it is signed and sent; raises ValueError for what UTF-8 cannot carry."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def parse(body: bytes) -> Document:
    """The object of an answer, {} for no body at all; raises ValueError for anything else."""
    if len(body) > LIMIT:
        raise ValueError(f"more than {LIMIT} bytes")
    if not body:
        return {}
    try:
        document = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004 - it comes from outside
    return document


def value(document: Document, path: Sequence[str]) -> Any:
    """What stands at this path; None where there is nothing."""
    at: Any = document
    for name in path:
        at = at.get(name) if isinstance(at, Mapping) else None
    return at


def text(document: Document, *path: str) -> str:
    """The text at this path; "" where there is none. What cannot be printed becomes "?"."""
    found = value(document, path)
    if not isinstance(found, str):
        return ""
    return "".join(each if each.isprintable() else "?" for each in found)


def fen(document: Document, *path: str) -> int:
    """The amount at this path; raises ValueError where there is none."""
    found = value(document, path)
    if type(found) is not int or not 0 <= found < 10**12:
        raise ValueError(f"no amount for {'.'.join(path)}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name is there twice")
    return made


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
