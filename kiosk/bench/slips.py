"""The bytes of a slip: how long they take to make, beside python-escpos, and how many they are.

The slip has twenty lines of text, a bar code and a QR code. python-escpos neither wraps nor pads
nor knows GB18030, so that is done for it, in the plainest way: it has less to do than ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from hardware.printers.profile import profile_for
from kiosk.bench.figure import Budget, Figure
from kiosk.domain.slip import Align, Barcode, Columns, Cut, QrCode, Ruler, SlipElement, TextLine
from kiosk.paper import job

TURNS = 200
NUMBER = "000126112718081648151623"
WIDTH = 48
GOODS = (
    ("富士苹果 1.234 kg × ￥12.80", "￥15.80"),
    ("饮用天然水 550 ml × 2", "￥4.00"),
    ("Milk chocolate 100 g", "￥12.80"),
    ("白砂糖 500 g", "￥6.90"),
    ("生抽酱油 500 ml", "￥8.50"),
)
SLIP: tuple[SlipElement, ...] = (
    TextLine("鲜果超市", Align.CENTRE, bold=True, large=True),
    TextLine("示例路 1 号", Align.CENTRE),
    Columns("终端号", "00012603"),
    Columns("时间", "2026-11-27 18:08:16"),
    Ruler(),
    *(Columns(name, price) for name, price in GOODS),
    Columns("已优惠", "-￥1.00"),
    Ruler(),
    Columns("合计", "￥47.00", bold=True, large=True),
    Columns("含税", "￥3.88"),
    Columns("微信支付（刷脸）", "￥47.00"),
    TextLine("交易单号"),
    TextLine("4200001234202611270123456789"),
    TextLine("商户单号"),
    TextLine(NUMBER),
    TextLine("谢谢惠顾，请妥善保管小票", Align.CENTRE),
    Barcode(NUMBER),
    QrCode(f"kiosk:{NUMBER}"),
    Cut(),
)
LINES = sum(not isinstance(each, Barcode | QrCode | Cut) for each in SLIP)


def measure(turns: int = TURNS) -> list[Figure]:
    """In turns, so that other work on the machine meets both alike; the medians."""
    profile = profile_for(80)

    def ours() -> bytes:
        return job(SLIP, profile)

    with redirect_stdout(StringIO()):  # python-escpos tells of each bar code
        pairs = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(turns)]
        size = f"without a logo; python-escpos {len(theirs()) / 1000:.2f} kB"
    mine = statistics.median(own for own, _ in pairs)
    other = statistics.median(others for _, others in pairs)
    beside = f"python-escpos {other:.2f} ms, with its lines made ready"
    return [
        Figure(f"a slip of {LINES} lines as bytes", mine, "ms", 3.0, note=f"median of {turns}"),
        Figure("python-escpos ÷ ours", other / mine, "×", 1.0, Budget.AT_LEAST, beside),
        Figure("size of that slip", len(ours()) / 1000, "kB", 3.0, note=size),
    ]


def theirs() -> bytes:
    """The same slip by python-escpos: a text by its own encoder if that has it, else as bytes."""
    from escpos.printer import Dummy

    printer = Dummy()
    for each in SLIP:
        match each:
            case TextLine(text=text, align=align, bold=bold, large=large):
                _set(printer, "center" if align is Align.CENTRE else "left", bold, large)
                _write(printer, text)
            case Columns(left=left, right=right, bold=bold, large=large):
                _set(printer, "left", bold, large)
                taken = len(left.encode("gb18030")) + len(right.encode("gb18030"))
                gap = WIDTH // (2 if large else 1) - taken
                _write(printer, left + " " * gap + right)
            case Ruler():
                _set(printer)
                _write(printer, "-" * WIDTH)
            case Barcode(data=data):
                _set(printer, "center")
                printer.barcode(f"{{B{data}", "CODE128", height=72, width=2, function_type="B")
            case QrCode(data=data):
                printer.qr(data, ec=1, size=6, native=True, center=False)
            case _:
                printer.cut()
    return bytes(printer.output)


def _set(printer: Any, align: str = "left", bold: bool = False, large: bool = False) -> None:  # noqa: FBT001, FBT002
    size = {"double_width": True, "double_height": True} if large else {"normal_textsize": True}
    printer.set(align=align, bold=bold, **size)


def _write(printer: Any, line: str) -> None:
    if line.isascii():
        printer.text(line + "\n")
    else:
        printer._raw(line.encode("gb18030") + b"\n")  # noqa: SLF001 - its only way for hanzi


def _milliseconds(make: Callable[[], bytes]) -> float:
    start = time.perf_counter()
    make()
    return (time.perf_counter() - start) * 1000
