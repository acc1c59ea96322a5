"""The lines of a file that the channel gives out: a trade bill or a fund-flow bill.

UTF-8, with or without BOM, CRLF or LF, plain or as gzip; memory does not grow with the rows.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from kiosk.channels.wechatpay.bill_row import BillError

_LONGEST_ROW = 64 * 1024  # bytes; the widest genuine one has a twentieth of it


def lines_of(source: BinaryIO) -> Iterator[tuple[int, str]]:
    """Row number and text, from the start of the file. Raises BillError for what is no text."""
    source.seek(0)
    packed = source.read(2) == b"\x1f\x8b"
    source.seek(0)
    stream = gzip.GzipFile(fileobj=source) if packed else source
    row = 0
    while True:
        row += 1
        try:
            raw = stream.readline(_LONGEST_ROW + 1)
            if len(raw) > _LONGEST_ROW:
                raise BillError(row, f"longer than {_LONGEST_ROW} bytes")
            text = raw.decode("utf-8-sig" if row == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BillError(row, "not UTF-8") from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BillError(row, "the packed file is damaged") from error
        if not raw:
            return
        yield row, text.rstrip("\r\n")


def first_of(lines: Iterator[tuple[int, str]]) -> tuple[int, str]:
    """The header; raises BillError where there is none."""
    found = next(lines, None)
    if found is None:
        raise BillError(1, "the bill is empty")
    return found
