"""From key presses to text, as a scanner that types like a keyboard means it.

The kernel tells positions of keys, not characters: which character a key means depends on the
country that the scanner is set to. Codes are those of linux/input-event-codes.h; the tables below
hold, for each country, what the positions of ``POSITIONS`` type alone, with Shift and with AltGr.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

TAB, ENTER, KEYPAD_ENTER, SPACE = 15, 28, 96, 57
LEFT_SHIFT, RIGHT_SHIFT = 42, 54
LEFT_CONTROL, RIGHT_CONTROL = 29, 97
LEFT_ALT, ALT_GR = 56, 100
CAPS_LOCK = 58
SHIFTS = frozenset((LEFT_SHIFT, RIGHT_SHIFT))
CONTROLS = frozenset((LEFT_CONTROL, RIGHT_CONTROL))
MODIFIERS = SHIFTS | CONTROLS | {LEFT_ALT, ALT_GR}
FUNCTION_KEYS = {f"F{n}": 58 + n for n in range(1, 11)} | {"F11": 87, "F12": 88}

# The keypad types digits whatever NumLock says: a scanner means digits.
KEYPAD = dict(
    zip(
        (71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83, 55, 74, 78, 98, 117),
        "7894561230.*-+/=",
        strict=True,
    )
)
# Left of 1; the digits' row; q to ]; a to '; the one at Enter; the one at the left Shift; z to /.
POSITIONS = (41, *range(2, 14), *range(16, 28), *range(30, 41), 43, 86, *range(44, 54))

GROUP_SEPARATOR = "\x1d"
ALT_CODES = ("unicode", "gbk")
MOST_ALT_DIGITS = 8
COMBINING = {"^": "\u0302", "¨": "\u0308", "´": "\u0301", "`": "\u0300", "~": "\u0303"}


@dataclass(frozen=True, slots=True)
class Layout:
    """One country. ``dead``: characters that wait for the next key (a space types them alone)."""

    plain: str
    shift: str
    alt_gr: Mapping[int, str] = field(default_factory=dict)
    dead: str = ""

    def __post_init__(self) -> None:
        if not len(self.plain) == len(self.shift) == len(POSITIONS):
            raise ValueError(f"a layout has {len(POSITIONS)} positions")

    def character(self, code: int, *, shift: bool, alt_gr: bool) -> str:
        """What the key types; empty for one that types nothing."""
        if alt_gr:
            return self.alt_gr.get(code, "")
        at = _AT.get(code)
        return "" if at is None else (self.shift if shift else self.plain)[at]


_AT = {code: at for at, code in enumerate(POSITIONS)}


def _alt_gr(keys: Iterable[int], characters: str) -> Mapping[int, str]:
    return dict(zip(keys, characters, strict=True))


LAYOUTS: Mapping[str, Layout] = {
    "us": Layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./",
        '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|>ZXCVBNM<>?',
    ),
    "uk": Layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
        '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
        _alt_gr((41, 5), "¦€"),
    ),
    "de": Layout(
        "^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        _alt_gr((3, 4, *range(8, 13), 16, 18, 27, 50, 86), "²³{[]}\\@€~µ|"),
        dead="^´`",
    ),
    "fr": Layout(
        "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!",
        "²1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
        _alt_gr((*range(3, 14), 18, 27), "~#{[|`\\^@]}€¤"),
        dead="^¨",
    ),
}


class Keyboard:
    """The state of the keys, and what each press types; bytes are UTF-8.

    ``alt_codes``: what a number typed on the keypad while Alt is held stands for: a character of
    Unicode, or one or two bytes of GBK. ``separator``: what the scanner types in place of GS, a
    character or a function key's name.
    """

    def __init__(self, layout: str = "us", alt_codes: str = "unicode", separator: str = "") -> None:
        if layout not in LAYOUTS:
            raise ValueError(f"layout must be one of {sorted(LAYOUTS)}, not {layout!r}")
        if alt_codes not in ALT_CODES:
            raise ValueError(f"alt_codes must be one of {list(ALT_CODES)}, not {alt_codes!r}")
        if len(separator) > 1 and separator not in FUNCTION_KEYS:
            raise ValueError(f"separator must be a character or F1 to F12, not {separator!r}")
        self._layout = LAYOUTS[layout]
        self._gbk = alt_codes == "gbk"
        self._separator_key = FUNCTION_KEYS.get(separator)
        self._separator = separator if len(separator) == 1 else ""
        self._held: set[int] = set()
        self._caps = False
        self._number = ""
        self._dead = ""

    def synchronise(self, pressed: Collection[int], *, caps_lock: bool) -> None:
        """Take the kernel's word for the state of the keys; nothing is under way any more."""
        self._held = set(pressed) & MODIFIERS
        self._caps = caps_lock
        self._number = ""
        self._dead = ""

    def press(self, code: int) -> bytes:
        """What the key types."""
        if code in MODIFIERS:
            self._held.add(code)
            return b""
        if code == CAPS_LOCK:
            self._caps = not self._caps
            return b""
        if LEFT_ALT in self._held and not self._held & CONTROLS:
            if KEYPAD.get(code, "").isdigit() and len(self._number) < MOST_ALT_DIGITS:
                self._number += KEYPAD[code]
            return b""
        text = self._composed(self._text(code))
        if self._separator:
            text = text.replace(self._separator, GROUP_SEPARATOR)
        return text.encode()

    def release(self, code: int) -> bytes:
        """Letting Alt go types the character of its number."""
        self._held.discard(code)
        if code != LEFT_ALT or not self._number:
            return b""
        number, self._number = int(self._number), ""
        return self._numbered(number)

    def _numbered(self, number: int) -> bytes:
        if self._gbk and number > 0x7F:
            if number < 0x100:
                return bytes([number])  # byte by byte; the text is decoded as a whole
            if number > 0xFFFF:
                return b""
            character = number.to_bytes(2).decode("gb18030", "ignore")
            return character.encode() if character > "\x7f" else b""
        if not 0 < number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            return b""
        return chr(number).encode()

    def _text(self, code: int) -> str:
        match code:
            case _ if code in (ENTER, KEYPAD_ENTER):
                return "\r"
            case _ if code == TAB:
                return "\t"
            case _ if code == SPACE:
                return " "
            case _ if code == self._separator_key:
                return GROUP_SEPARATOR
            case _ if code in KEYPAD:
                return KEYPAD[code]
        alt_gr = ALT_GR in self._held or LEFT_ALT in self._held  # Ctrl + Alt is AltGr as well
        character = self._layout.character(code, shift=self._shifted(code), alt_gr=alt_gr)
        if self._held & CONTROLS and not (LEFT_ALT in self._held and character):
            return self._control(code, character)
        return character

    def _shifted(self, code: int) -> bool:
        shift = bool(self._held & SHIFTS)
        letter = self._layout.character(code, shift=False, alt_gr=False).isalpha()
        return shift != (self._caps and letter)

    def _control(self, code: int, character: str) -> str:
        """Ctrl with A to _; by the key's place on a US keyboard where the country has another."""
        for each in (character, LAYOUTS["us"].character(code, shift=False, alt_gr=False)):
            if "A" <= each.upper() <= "_":
                return chr(ord(each.upper()) & 0x1F)
        return ""

    def _composed(self, text: str) -> str:
        dead, self._dead = self._dead, ""
        if not text:
            self._dead = dead
            return ""
        if not dead:
            if text in self._layout.dead:
                self._dead = text
                return ""
            return text
        if text == " ":
            return dead
        both = unicodedata.normalize("NFC", text + COMBINING[dead])
        return both if len(both) == 1 else dead + text
