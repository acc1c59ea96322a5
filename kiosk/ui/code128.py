"""CODE128 (ISO/IEC 15417) for the number that staff scan: code sets B and C.

Set C packs two digits into one symbol, so a number of digits becomes half as wide. Each symbol is
eleven modules: three bars and three spaces, written as six widths; the stop has a seventh.
"""

from __future__ import annotations

QUIET = 10
"""Modules of empty ground on each side."""

_START_B, _START_C, _TO_B, _STOP = 104, 105, 100, 106

# Widths of values 0 to 106, six digits each (the standard's table 1), the stop's last bar apart.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231"
    "113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131"
    "113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211"
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214"
    "211232233111"
)


def encode(text: str) -> str:
    """The modules as "1" (bar) and "0", without quiet zones.

    ValueError for characters outside ASCII 32 to 126, which set B does not have.
    """
    if not text or any(not " " <= letter <= "~" for letter in text):
        raise ValueError("CODE128 set B holds the characters from space to ~ only")
    symbols = _symbols(text)
    check = (symbols[0] + sum(at * value for at, value in enumerate(symbols))) % 103
    return "".join(_modules(value) for value in (*symbols, check, _STOP)) + "11"


def _symbols(text: str) -> list[int]:
    """Digits in pairs from the start as far as they go (an even number, four at least), then B."""
    digits = len(text) - len(text.lstrip("0123456789"))
    paired = digits - digits % 2 if digits >= 4 else 0
    symbols = [_START_C] if paired else [_START_B]
    symbols += [int(text[at : at + 2]) for at in range(0, paired, 2)]
    if paired and paired < len(text):
        symbols.append(_TO_B)
    return symbols + [ord(letter) - 32 for letter in text[paired:]]


def _modules(value: int) -> str:
    widths = _WIDTHS[value * 6 : value * 6 + 6]
    return "".join("10"[at % 2] * int(width) for at, width in enumerate(widths))
