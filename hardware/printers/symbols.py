"""Bar codes and QR codes as dots, drawn from the very bytes a printer gets.

Bars are H x W arrays, True is black. Sources: ISO/IEC 15417 (CODE128 patterns), ISO/IEC 15420
(EAN), the ESC/POS escapes of GS k 73 (7B 41/42/43 sets, 7B 53 shift, 7B 31..34 FNC, 7B 7B brace).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Dots = NDArray[np.bool_]

# Widths of bar, space, bar, space, bar, space for each value 0 to 105; then the stop pattern.
CODE128_PATTERNS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232"
)
CODE128_STOP = "2331112"
START = {"A": 103, "B": 104, "C": 105}
SWITCH = {"A": 101, "B": 100, "C": 99}
EAN_LEFT_ODD = "3211 2221 2122 1411 1132 1231 1114 1312 1213 3112"
EAN_PARITY = "OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO"


class UnprintableSymbolError(ValueError):
    """A printer given this data feeds paper and draws no bars."""


def code128_values(data: bytes) -> tuple[list[int], str]:
    """Symbol values (start first, without check and stop) and the text for below the bars."""
    values: list[int] = []
    text = ""
    chosen = ""
    at = 0
    while at < len(data):
        if data[at] == 0x7B and at + 1 < len(data):
            escape = chr(data[at + 1])
            at += 2
            if escape in START:
                values.append(SWITCH[escape] if chosen else START[escape])
                chosen = escape
                continue
            values.append(_escaped(escape, chosen))
            text += "{" if escape == "{" else ""
            continue
        value, shown = _plain(data[at], chosen)
        values.append(value)
        text += shown
        at += 1
    return values, text


def code128(data: bytes, module: int, height: int) -> tuple[Dots, str]:
    """Bars for the bytes after the length byte of GS k 73, and their text."""
    values, text = code128_values(data)
    if not values or values[0] not in START.values():
        raise UnprintableSymbolError("CODE128 data must begin with a code set")
    check = values[0] + sum(place * value for place, value in enumerate(values[1:], 1))
    patterns = CODE128_PATTERNS.split()
    widths = "".join(patterns[value] for value in [*values, check % 103]) + CODE128_STOP
    return _bars(widths, module, height), text


def ean13(digits: str, module: int, height: int) -> tuple[Dots, str]:
    """Bars of an EAN-13; twelve digits get their check digit."""
    if not digits.isdigit() or len(digits) not in {12, 13}:
        raise UnprintableSymbolError("EAN-13 has 12 or 13 digits")
    weighed = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits[:12]))
    digits = digits[:12] + str(-weighed % 10)
    odd = EAN_LEFT_ODD.split()
    parity = EAN_PARITY.split()[int(digits[0])]
    left = [
        odd[int(d)] if p == "O" else odd[int(d)][::-1]
        for d, p in zip(digits[1:7], parity, strict=True)
    ]
    # The left half begins with a space, the right half with a bar; the guards keep the alternation.
    widths = "111" + "".join(left) + "11111" + "".join(odd[int(d)] for d in digits[7:]) + "111"
    return _bars(widths, module, height), digits


def qr(data: bytes, module: int, level: str) -> Dots:
    """A QR code, model 2, with ``module`` dots a side and no quiet zone."""
    import segno

    symbol = segno.make_qr(data, error=level, mode="byte", boost_error=False)
    matrix = np.array([[bool(cell) for cell in row] for row in symbol.matrix], dtype=np.bool_)
    return np.kron(matrix, np.ones((module, module), dtype=np.bool_)).astype(np.bool_)


def _escaped(escape: str, chosen: str) -> int:
    if escape == "{":
        return ord("{") - 32
    if escape == "S":
        return 98
    fnc4 = 101 if chosen == "A" else 100
    values = {"1": 102, "2": 97, "3": 96, "4": fnc4}
    if escape not in values:
        raise UnprintableSymbolError(f"CODE128 has no escape {escape!r}")
    return values[escape]


def _plain(byte: int, chosen: str) -> tuple[int, str]:
    match chosen:
        case "C" if byte < 100:
            return byte, f"{byte:02}"
        case "B" if 32 <= byte < 127:
            return byte - 32, chr(byte)
        case "A" if byte < 96:
            return (byte - 32) % 96 if byte >= 32 else byte + 64, chr(byte) if byte >= 32 else " "
        case _:
            raise UnprintableSymbolError(f"byte {byte} is not in CODE128 set {chosen or 'none'}")


def _bars(widths: str, module: int, height: int) -> Dots:
    row = np.concatenate(
        [np.full(int(w) * module, place % 2 == 0) for place, w in enumerate(widths)]
    )
    return np.tile(row, (height, 1))
