"""Sorts what a printer sends back, which may mix four kinds of answers.

    first byte   is
    0xx1xx10     answer to DLE EOT, one byte
    0xx1xx00     automatic status: this and the next three 0xx0xxxx bytes
    37 5F 3B     block: read to 00
    11 13        XON, XOFF
    0xx0xxxx     answer to GS r or GS I, one byte

Sources: the appendices on status recognition of the Epson and Citizen command manuals.
"""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_HEADS = frozenset(b"\x37\x5f\x3b")
LONGEST_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Realtime:
    """The answer to one DLE EOT; which one only the order tells."""

    byte: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes that the printer sends by itself."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Single:
    """The answer to GS r or GS I."""

    byte: int


@dataclass(frozen=True, slots=True)
class Block:
    """``head`` and what followed it, without the final 00."""

    head: int
    body: bytes


Answer = Realtime | AutomaticStatus | Single | Block


class AnswerSorter:
    """Feed it bytes as they come; what it cannot read is forgotten, and nothing makes it fail."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        answers: list[Answer] = []
        for byte in data:
            answer = self._take(byte)
            if answer is not None:
                answers.append(answer)
        return answers

    def reset(self) -> None:
        """Forget a half answer, as after a reconnection."""
        self._pending.clear()

    def _take(self, byte: int) -> Answer | None:
        if byte in {0x11, 0x13}:  # flow control may fall inside a block
            return None
        if not self._pending:
            return self._begin(byte)
        if self._pending[0] in BLOCK_HEADS:
            return self._continue_block(byte)
        if byte & 0x90:  # not 0xx0xxxx: the automatic status was cut short
            self._pending.clear()
            return self._begin(byte)
        self._pending.append(byte)
        if len(self._pending) < 4:
            return None
        data = bytes(self._pending)
        self._pending.clear()
        return AutomaticStatus(data)

    def _begin(self, byte: int) -> Answer | None:
        if byte in BLOCK_HEADS or byte & 0x93 == 0x10:
            self._pending.append(byte)
            return None
        if byte & 0x93 == 0x12:
            return Realtime(byte)
        return Single(byte) if byte & 0x90 == 0 else None

    def _continue_block(self, byte: int) -> Answer | None:
        if byte:
            self._pending.append(byte)
            if len(self._pending) > LONGEST_BLOCK:
                self._pending.clear()
            return None
        head, body = self._pending[0], bytes(self._pending[1:])
        self._pending.clear()
        return Block(head, body)
