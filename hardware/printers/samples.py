"""Slips to look at: each as the bytes it is today, and as the picture that a printer makes of them.

    python -m hardware.printers.samples BYTES PICTURES

Their bytes are kept beside the tests, their pictures in ``pictures``; who changes a slip on purpose
makes both anew with this command, and looks at them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hardware.printers.escpos import BOLD, LARGE, Align, Slip, Style
from hardware.printers.glyphs import Glyphs
from hardware.printers.paper import paper_picture
from hardware.printers.profile import Profile, profile_for
from hardware.printers.render import DOTS, DOTS_A_MM, Head

NUMBER = "000126112718081648151623"
GOODS = (
    ("富士苹果 1.234 kg × ￥12.80", "￥15.80"),
    ("饮用天然水 550 ml × 2", "￥4.00"),
    ("Milk chocolate 100 g", "￥12.80"),
    ("白砂糖 500 g", "￥6.90"),
    ("生抽酱油 500 ml", "￥8.50"),
)
MARK = Style(bold=True, reverse=True, wide=True, tall=True)
TALL = Style(bold=True, tall=True)
COLOURS = 8  # of a picture that is kept


@dataclass(frozen=True, slots=True)
class Sample:
    """One slip and the paper it is for."""

    make: Callable[[Profile], Slip]
    paper: int = 80
    columns: int = 0
    labels: str = ""
    label_mm: tuple[int, int] = (0, 0)  # width and height

    @property
    def profile(self) -> Profile:
        return profile_for(self.paper, columns=self.columns, labels=self.labels)

    def bytes(self) -> bytes:
        """The job as it is sent."""
        return self.make(self.profile).encode()

    def picture(self, glyphs: Glyphs) -> Image.Image:
        """What comes out, drawn from the bytes alone; few colours, so that it is small."""
        wide, high = self.label_mm
        pieces = Head(glyphs, DOTS[self.paper], high * DOTS_A_MM).print(self.bytes())
        across = (wide or self.paper) * DOTS_A_MM
        burnt = [piece[:, : self.profile.dots] for piece in pieces]
        drawn = paper_picture(burnt, across, grain=False)
        return drawn.quantize(COLOURS, dither=Image.Dither.NONE)


def logo(size: int = 96) -> NDArray[np.bool_]:
    """A fruit with its leaf, ``size`` dots high: the only thing on a slip that is a picture."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    fruit = ((x + 0.16) ** 2 + (y - 0.12) ** 2 < 0.075) | (
        (x - 0.16) ** 2 + (y - 0.12) ** 2 < 0.075
    )
    shine = (x + 0.24) ** 2 + (y - 0.02) ** 2 < 0.006
    leaf = ((x - 0.02) ** 2 + (y + 0.42) ** 2 < 0.06) & ((x - 0.24) ** 2 + (y + 0.18) ** 2 < 0.06)
    stalk = (abs(x + 0.02 - 0.3 * (y + 0.2) ** 2) < 0.025) & (y > -0.36) & (y < -0.05)
    return np.asarray((fruit & ~shine) | leaf | stalk, dtype=np.bool_)


def slip(profile: Profile) -> Slip:
    """Twenty lines, logo, bar code, QR code."""
    return _slip(Slip(profile).raster(logo()))


def copy(profile: Profile) -> Slip:
    """The same slip, printed again: marked at its head and at its end."""
    marked = Slip(profile).text(" 副本 COPY ", MARK, Align.CENTRE).feed(1)
    return _slip(marked, last=" 副本 COPY ")


def kitchen(profile: Profile) -> Slip:
    """What a cook reads from afar: the number, then how many of what."""
    return (
        Slip(profile)
        .text("取餐号 1623", LARGE, Align.CENTRE)
        .pair("厨房 KITCHEN", "18:08:16", BOLD)
        .rule("=")
        .pair("牛肉面", "× 2", LARGE)
        .text("  加辣，不要香菜", TALL)
        .rule()
        .pair("三鲜水饺", "× 1", LARGE)
        .rule()
        .pair("鲈鱼 0.623 kg", "× 1", LARGE)
        .rule("=")
        .text(NUMBER, align=Align.CENTRE)
        .cut()
    )


def label(profile: Profile) -> Slip:
    """A price label of 40 × 30 mm for goods that were weighed."""
    return (
        Slip(profile)
        .text("红富士苹果", LARGE, Align.CENTRE)
        .pair("1.234 kg", "￥12.80/kg")
        .pair("2026-11-27", "￥15.80", BOLD)
        .barcode("2100001012342", height=56)
        .cut()
    )


SAMPLES = {
    "slip-58": Sample(slip, 58),
    "slip-80": Sample(slip),
    "copy-80": Sample(copy),
    "kitchen-80": Sample(kitchen),
    "label-40": Sample(label, 58, columns=24, labels="1D0C", label_mm=(40, 30)),
}


def _slip(slip: Slip, last: str = "") -> Slip:
    slip.text("鲜果超市", LARGE, Align.CENTRE).text("示例路 1 号", align=Align.CENTRE)
    slip.pair("终端号", "00012603").pair("时间", "2026-11-27 18:08:16").rule()
    for name, price in GOODS:
        slip.pair(name, price)
    slip.pair("已优惠", "-￥1.00").rule().pair("合计", "￥47.00", LARGE).pair("含税", "￥3.88")
    slip.pair("微信支付（刷脸）", "￥47.00")
    slip.text("交易单号").text("4200001234202611270123456789", align=Align.RIGHT)
    slip.text("商户单号").text(NUMBER, align=Align.RIGHT)
    slip.text("谢谢惠顾，请妥善保管小票", align=Align.CENTRE).feed(1)
    slip.barcode(NUMBER).qr(f"kiosk:{NUMBER}")
    if last:
        slip.text(last, MARK, Align.CENTRE)
    return slip.cut()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the bytes and the pictures of all samples."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    kept, pictures = map(Path, given)
    glyphs = Glyphs()
    for folder in (kept, pictures):
        folder.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        (kept / f"{name}.bin").write_bytes(sample.bytes())
        sample.picture(glyphs).save(pictures / f"{name}.png", optimize=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
