"""What may be left of a face, and how it is recognised in any bytes.

A canary is a colour that lies in a broad band across every frame: whoever keeps a piece of one
keeps it, whatever the size, in the camera's order of colours or the screen's. A template is known
by what it is: 128 fractions of length 1 together, at whatever byte they begin.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import cv2
import numpy as np

CANARY = (23, 197, 101)  # blue, green, red
_RUN = 8  # pixels: 24 bytes that nothing else has
_DIMENSION = 128
_PICTURES = {"a JPEG": b"\xff\xd8\xff", "a PNG": b"\x89PNG\r\n\x1a\n", "a WebP": b"WEBPVP8"}
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{64,}={0,2}")
_HEX = re.compile(rb"[0-9a-fA-F]{128,}")
_NUMBERS = re.compile(rb"-?\d\.\d+(?:e-?\d+)?(?:[,\s\]]+-?\d\.\d+(?:e-?\d+)?){127,}")


def with_canary(picture: np.ndarray, top: float, bottom: float) -> np.ndarray:
    """The picture with a band from `top` to `bottom`, fractions of its height."""
    marked = picture.copy()
    height = picture.shape[0]
    marked[round(top * height) : round(bottom * height)] = CANARY
    return marked


def found_in(content: bytes) -> list[str]:
    """The names of all that is left of a face in `content`, also where it is written as text."""
    return [name for one in _readings(content) for name in _found(one)]


def is_template(numbers: np.ndarray) -> bool:
    return numbers.size == _DIMENSION and abs(float(np.linalg.norm(numbers)) - 1) < 1e-3


def _readings(content: bytes) -> Iterator[bytes]:
    yield content
    for run in _BASE64.findall(content):
        plain = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        # Where the text begins within four characters is not known.
        for begin in range(4):
            piece = plain[begin:]
            yield base64.b64decode(piece + b"A" * (-len(piece) % 4))
    for run in _HEX.findall(content):
        for piece in (run, run[1:]):
            yield bytes.fromhex(piece[: len(piece) // 2 * 2].decode())


def _found(content: bytes) -> Iterator[str]:
    for order, colour in (("BGR", CANARY), ("RGB", CANARY[::-1])):
        if bytes(colour) * _RUN in content:
            yield f"pixels in {order}"
    for name, magic in _PICTURES.items():
        begin = content.find(magic)
        if begin >= 0 and cv2.imdecode(np.frombuffer(content[begin:], np.uint8), 1) is not None:
            yield name
    for kind in ("<f4", "<f8"):
        if _has_template(content, np.dtype(kind)):
            yield f"a template in {kind}"
    for run in _NUMBERS.findall(content):
        numbers = np.array([float(one) for one in re.findall(rb"-?\d\.\d+(?:e-?\d+)?", run)])
        if any(is_template(numbers[at : at + 128]) for at in range(numbers.size - 127)):
            yield "a template in digits"


def _has_template(content: bytes, kind: np.dtype) -> bool:
    """Whether 128 numbers in a row have length 1, from any byte on."""
    for begin in range(kind.itemsize):
        whole = (len(content) - begin) // kind.itemsize
        if whole < _DIMENSION:
            continue
        with np.errstate(invalid="ignore"):
            numbers = np.frombuffer(content, kind, whole, begin).astype(np.float64)
        # A template has no number above 1, and none that is nothing: text and counters do.
        plausible = np.isfinite(numbers) & (np.abs(numbers) <= 1) & (np.abs(numbers) > 1e-12)
        numbers = np.where(plausible, numbers, 9.0)
        sums = np.concatenate([[0.0], np.cumsum(numbers**2)])
        squares = sums[_DIMENSION:] - sums[:-_DIMENSION]
        if np.any(np.abs(squares - 1) < 2e-3):
            return True
    return False
