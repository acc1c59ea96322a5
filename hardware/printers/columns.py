"""Text as the printer counts it: GB18030 bytes, one column each, wrapped before it is sent.

A hanzi is two bytes and two columns of font A, an ASCII character one of each, so the encoded
length *is* the width. Printers differ when a glyph straddles the right edge: the host wraps.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

GB18030 = "gb18030"
CODECS = {GB18030: GB18030, "gb2312": "gb2312", "big5": "cp950", "utf-8": "utf-8"}
CHARSETS = tuple(CODECS)
NO_GLYPH = "□"
NEVER_FIRST = frozenset("，。、；：？！）》」』】〉”’％℃,.;:?!)]}%")
NEVER_LAST = frozenset("（《「『【〈“‘￥([{")
SUBSTITUTES = {
    "¥": "￥",  # the half-width sign has four bytes in GB18030 and prints as garbage
    "\u00a0": " ",
    "\u2007": " ",
    "\u202f": " ",
    "\u200b": "",
    "\ufeff": "",
    "\u200d": "",
    "•": "·",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "©": "(C)",
    "®": "(R)",
    "™": "(TM)",
    "½": "1/2",
}


def printable(text: str, *, four_byte: bool = False) -> str:
    """``text`` in characters that the printer has.

    A product name must never carry a command into the printer, so C0 and C1 characters become
    spaces. A character of four bytes is replaced by a like one, its base letter, or a box, unless
    the printer is known to have its glyph.
    """
    text = text.replace("¥", "￥")  # the one substitute that is on every slip
    if _plain(text) is not None:
        return text
    return "".join(_printable_one(char, four_byte=four_byte) for char in text)


def encode(text: str, *, four_byte: bool = False) -> bytes:
    """One line as GB18030 bytes without control characters."""
    plain = _plain(text.replace("¥", "￥"))
    if plain is not None:
        return plain
    return printable(text, four_byte=four_byte).encode("gb18030")


@dataclass(frozen=True, slots=True)
class Charset:
    """How a printer reads bytes; ``four_byte``: it has glyphs for GB18030's characters of four.

    Lines are wrapped alike for all: a hanzi takes two columns, however many bytes it has.
    """

    name: str = GB18030
    four_byte: bool = False

    def encode(self, line: str) -> bytes:
        """Printable ``line``, with a box or ? for what this character set does not have."""
        if self.name == GB18030:
            return encode(line, four_byte=self.four_byte)
        try:
            return line.encode(CODECS[self.name])
        except UnicodeEncodeError:
            return b"".join(map(self._one, line))

    def _one(self, char: str) -> bytes:
        try:
            return char.encode(CODECS[self.name])
        except UnicodeEncodeError:
            return NO_GLYPH.encode(CODECS[self.name]) if width(char) > 1 else b"?"


CHINESE = Charset()


def text_lines(text: str, columns: int, charset: Charset) -> list[bytes]:
    """``wrap``, encoded."""
    if charset.name == GB18030:
        plain = _plain(text.replace("¥", "￥"))
        if plain is not None and len(plain) <= columns:
            return [plain]
    return [charset.encode(line) for line in wrap(text, columns, four_byte=charset.four_byte)]


def pair_lines(left: str, right: str, columns: int, charset: Charset) -> list[bytes]:
    """``pair``, encoded."""
    if charset.name == GB18030:
        head, tail = _plain(left.replace("¥", "￥")), _plain(right.replace("¥", "￥"))
        if head is not None and tail is not None and len(head) + len(tail) < columns:
            return [head + tail.rjust(columns - len(head))]
    lines = pair(left, right, columns, four_byte=charset.four_byte)
    return [charset.encode(line) for line in lines]


def width(text: str) -> int:
    """Columns of font A that printable ``text`` takes; a character of four bytes takes two."""
    plain = _plain(text)
    if plain is not None:
        return len(plain)
    return sum(min(2, len(char.encode("gb18030"))) for char in text)


def wrap(text: str, columns: int, *, four_byte: bool = False) -> list[str]:
    """Printable lines of at most ``columns``; breaks at spaces, between hanzi, inside long words.

    Punctuation that may not begin a line takes the character before it along.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        shown = printable(paragraph.expandtabs(4), four_byte=four_byte)
        lines.extend(_wrap_one(shown, max(2, columns)))
    return lines


def pair(left: str, right: str, columns: int, *, four_byte: bool = False) -> list[str]:
    """``left`` and ``right`` on one line, right one flush right; wraps ``left`` when it is long.

    The right part (the money) is never broken while it fits on a line by itself.
    """
    lines = wrap(left, columns, four_byte=four_byte)
    shown = printable(right, four_byte=four_byte)
    if width(shown) >= columns:
        return lines + wrap(right, columns, four_byte=four_byte)
    if width(lines[-1]) + 1 + width(shown) > columns:
        lines.append("")
    gap = columns - width(lines[-1]) - width(shown)
    lines[-1] = lines[-1] + " " * gap + shown
    return lines


def _plain(text: str) -> bytes | None:
    """The bytes of an ordinary text, which is printed as it is; None for one to be looked at.

    GBK has one or two bytes a character, the same as GB18030, and no character of SUBSTITUTES but
    one; so a whole line is judged at once, where looking at each character took most of a slip.
    """
    if not text.isprintable() or "‐" in text:
        return None
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        return None


def _printable_one(char: str, *, four_byte: bool) -> str:
    if unicodedata.category(char) in {"Cc", "Cs"}:
        return " "
    if char in SUBSTITUTES:
        return SUBSTITUTES[char]
    if four_byte or len(char.encode("gb18030")) <= 2:
        return char
    if unicodedata.combining(char):
        return ""
    plain = "".join(
        part
        for part in unicodedata.normalize("NFKD", char)
        if not unicodedata.combining(part) and len(part.encode("gb18030")) <= 2
    )
    return plain if plain and plain.isprintable() else NO_GLYPH


def _wrap_one(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    rest = text if width(text) <= columns else text.rstrip()
    while width(rest) > columns:
        cut = _break_at(rest, columns)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, rest]


def _break_at(text: str, columns: int) -> int:
    """Index of the first character of the next line: the last allowed break, else the edge."""
    edge = 0
    used = 0
    for char in text:
        used += width(char)
        if used > columns:
            break
        edge += 1
    for index in range(edge, 0, -1):
        before, after = text[index - 1], text[index]
        if after in NEVER_FIRST or before in NEVER_LAST:
            continue
        if before == " " or after == " " or _is_wide(before) or _is_wide(after):
            return index
    return max(1, edge)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}
