"""What a camera hands over, checked once before anything looks at it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.types import Image


class UnusableFrame(ValueError):
    """Something else than colour pixels of 8 bits; `cause` says what, `mend` what to do."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(f"{cause}. {mend}")
        self.cause = cause
        self.mend = mend


def frame_of(pixels: npt.NDArray[np.generic]) -> Image:
    """The same array, known to be height x width x 3 of uint8 and not empty.

    Grey, 16-bit and other pixels are refused, never converted: whoever converts them must know
    what they mean, and the networks were made for none of them. Raises UnusableFrame.
    """
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    if not colour or pixels.dtype != np.uint8 or not pixels.size:
        shape = " x ".join(map(str, pixels.shape))
        raise UnusableFrame(
            f"a frame is height x width x 3 of uint8, not {shape} of {pixels.dtype}",
            "Set the camera to a colour format of 8 bits, or use another camera",
        )
    return np.asarray(pixels, np.uint8)
