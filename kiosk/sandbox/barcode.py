"""Code 128, set C (ISO/IEC 15417): an even number of digits as bars, drawn as SVG.

start C (105) │ a symbol for every two digits │ check symbol │ stop
check = (105 + Σ position × value) mod 103
"""

from __future__ import annotations

_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132"
    "122231113222123122123221223211221132221231213212223112312131311222321122321221312212"
    "322112322211212123212321232121111323131123131321112313132113132311211313231113231311"
    "112133112331132131113123113321133121313121211331231131213113213311213131311123311321"
    "331121312113312311332111314111221411431111111224111422121124121421141122141221112214"
    "112412122114122411142112142211241211221114413111241112134111111242121142121241114212"
    "124112124211411212421112421211212141214121412121111143111341131141114113114311411113"
    "4113111131411141313111414111312114122112142112322331112"
)
"""Widths of bar, space, bar … in modules: six for each symbol value, seven for the stop."""

_START_C, _STOP, _QUIET = 105, 106, 10
_SYMBOL, _STOP_SYMBOL = 6, 7


def code128_widths(digits: str) -> list[int]:
    """Widths in modules, a bar first, of an even number of digits; raises ValueError."""
    if not digits.isascii() or not digits.isdecimal() or len(digits) % 2:
        raise ValueError("set C takes an even number of digits")
    values = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    check = (_START_C + sum(at * value for at, value in enumerate(values, 1))) % 103
    symbols = [_START_C, *values, check, _STOP]
    return [int(width) for symbol in symbols for width in _symbol(symbol)]


def _symbol(value: int) -> str:
    start = _SYMBOL * value
    return _WIDTHS[start : start + (_STOP_SYMBOL if value == _STOP else _SYMBOL)]


def code128_svg(digits: str, height: int = 40) -> str:
    """An SVG picture one unit a module wide, with its quiet zones."""
    at, bars = _QUIET, []
    for index, width in enumerate(code128_widths(digits)):
        if index % 2 == 0:
            bars.append(f"M{at} 0h{width}v{height}h-{width}z")
        at += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {at + _QUIET} {height}"'
        ' preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path d="{"".join(bars)}"/></svg>'
    )
