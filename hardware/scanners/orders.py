"""Command bytes for a scanner, as the configuration writes them, and the answer that they cause.

    start = "16 54 0D"              Honeywell: trigger on        stop = "16 55 0D"
    start = "1B 33"  answer = "06"  Newland's older engines: read without a trigger

An answer comes on the line that codes come on. Taken for a code it would spoil the first one, so
exactly its bytes, right after the order and within its time, are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 64


def parse_hex(option: str, text: str) -> bytes:
    """The bytes of "16 54 0D"; raises ValueError that names the option."""
    try:
        data = bytes.fromhex(text)
    except ValueError as error:
        raise ValueError(f'{option} must be bytes such as "16 54 0D", not {text!r}') from error
    if len(data) > MOST:
        raise ValueError(f"{option} must be at most {MOST} bytes, not {len(data)}")
    return data


@dataclass(frozen=True, slots=True)
class Orders:
    """What is sent when the line comes up and before it is closed, and the answer to the first."""

    start: bytes = b""
    stop: bytes = b""
    answer: bytes = b""

    @classmethod
    def parse(cls, start: str, stop: str, answer: str) -> Orders:
        """Raises ValueError for what is not hex, and for an answer to nothing."""
        orders = cls(
            parse_hex("start", start), parse_hex("stop", stop), parse_hex("answer", answer)
        )
        if orders.answer and not orders.start:
            raise ValueError("answer is of no use without start")
        return orders


class Awaited:
    """An answer that is under way."""

    def __init__(self) -> None:
        self._rest = b""
        self._seen = b""

    @property
    def missing(self) -> bool:
        return bool(self._rest)

    def expect(self, answer: bytes) -> None:
        self._rest, self._seen = answer, b""

    def take(self, data: bytes) -> bytes:
        """``data`` without the answer; the first byte that is another one ends the waiting."""
        if not self._rest:
            return data
        size = min(len(data), len(self._rest))
        if data[:size] != self._rest[:size]:
            return self.give_up() + data
        self._seen += data[:size]
        self._rest = self._rest[size:]
        return data[size:]

    def give_up(self) -> bytes:
        """It did not come; what looked like its beginning belongs to a code."""
        seen = self._seen if self._rest else b""
        self._rest, self._seen = b"", b""
        return seen
