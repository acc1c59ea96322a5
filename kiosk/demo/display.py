"""A screen to show the kiosk on: the one that is there, or a virtual one of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import mss
import mss.tools
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import KioskError


def mortal(command: list[str]) -> list[str]:
    """The command, so that it ends with whoever started it, however that one ended."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else command


class VirtualDisplay:
    """Xvfb with one portrait screen; it picks a free number by itself."""

    def __init__(self, width: int, height: int) -> None:
        self._size = f"{width}x{height}x24"
        self._process: subprocess.Popen[bytes] | None = None
        self.name = ""

    def __enter__(self) -> Self:
        read, write = os.pipe()
        command = mortal(["Xvfb", "-displayfd", str(write), "-screen", "0", self._size])
        try:
            self._process = subprocess.Popen(
                [*command, "-nolisten", "tcp", "-noreset"],
                pass_fds=(write,),
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise KioskError(
                "there is no display and no Xvfb", "Install the xvfb package"
            ) from error
        finally:
            os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise KioskError("Xvfb did not start", "Run Xvfb :99 by hand to see why")
        self.name = f":{number}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


def portrait_on(display: str) -> tuple[int, int]:
    """Width and height of the largest 9 : 16 window that fits on a visible display."""
    with mss.MSS(display=display) as screen:
        whole = screen.monitors[0]
    height = min(int(whole["height"] * 0.9), whole["width"] * 16 // 9, 1920)
    return height * 9 // 16, height


def photograph(display: str, path: Path) -> None:
    """Write what the display shows as a PNG."""
    with mss.MSS(display=display) as screen:
        shot = screen.grab(screen.monitors[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        mss.tools.to_png(shot.rgb, shot.size, output=str(path))


def picture(display: str) -> NDArray[np.uint8]:
    """What the display shows, as rows of BGR pixels."""
    with mss.MSS(display=display) as screen:
        shot = screen.grab(screen.monitors[0])
    pixels = np.frombuffer(shot.bgra, np.uint8).reshape(shot.height, shot.width, 4)
    return np.ascontiguousarray(pixels[..., :3])
