"""Burnt dots as a photograph of paper: warm white, soft grey-black ink, torn edges, a shadow.

Dots stay one pixel each, so bar codes and QR codes can be read from the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Dots = NDArray[np.bool_]
TABLE = (112, 116, 120)
PAPER = np.array((250, 249, 244), dtype=np.float32)
INK = np.array((44, 42, 50), dtype=np.float32)
EDGE = 28  # of table around the paper
TOP = 40  # of paper before the first line: what the last cut left
TOOTH = 8


def paper_picture(pieces: Sequence[Dots], paper_dots: int, *, grain: bool = True) -> Image.Image:
    """The pieces one below the other; ``paper_dots`` is the roll's width, 8 to the millimetre.

    Without ``grain`` paper and ink are even, and the picture's file is small.
    """
    slips = [_slip(piece, paper_dots, grain=grain) for piece in pieces]
    height = EDGE + sum(slip.height + EDGE for slip in slips)
    table = Image.new("RGB", (paper_dots + 2 * EDGE, max(height, 2 * EDGE)), TABLE)
    top = EDGE
    for slip in slips:
        shadow = Image.new("L", table.size, 0)
        shadow.paste(110, (EDGE + 5, top + 6, EDGE + 5 + slip.width, top + 6 + slip.height))
        table.paste((60, 62, 66), mask=shadow.filter(ImageFilter.GaussianBlur(7)))
        table.paste(slip, (EDGE, top), _outline(slip.width, slip.height))
        top += slip.height + EDGE
    return table


def _slip(dots: Dots, paper_dots: int, *, grain: bool) -> Image.Image:
    side = max(0, paper_dots - dots.shape[1])
    burnt = np.pad(dots, ((TOP, TOOTH * 2), (side // 2, side - side // 2)))
    # Heat spreads a little and the coating is not even: the same for the same slip.
    ink = Image.fromarray(burnt.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(0.45))
    uneven, rough = (0.035, 1.1) if grain else (0.0, 0.0)
    coating = np.random.default_rng(1).normal(1.0, uneven, burnt.shape).astype(np.float32)
    density = np.clip(np.asarray(ink, dtype=np.float32) / 255 * coating, 0, 1)[..., None]
    colours = PAPER * (1 - density) + INK * density
    fibre = np.random.default_rng(2).normal(0, rough, (*burnt.shape, 1)).astype(np.float32)
    return Image.fromarray(np.clip(colours + fibre, 0, 255).astype(np.uint8))


def _outline(width: int, height: int) -> Image.Image:
    """The paper's shape: straight at the sides, the knife's teeth at both ends."""
    across = np.arange(width)
    tooth = np.abs(across % (2 * TOOTH) - TOOTH)
    down = np.arange(height)[:, None]
    inside = (down >= tooth) & (down < height - (TOOTH - tooth))
    return Image.fromarray(inside.astype(np.uint8) * 255)
