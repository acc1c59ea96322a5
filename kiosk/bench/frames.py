"""The shipped screen process, and a line for each frame that it draws.

    python -m kiosk.bench.frames LOG ui --config FILE       12.3 1.84 a line: at_s, milliseconds

It runs the program's own entry point unchanged. What is timed is all that the thread of the screen
computes from one picture on the panel to the next: input, messages, layout, text. Drawing itself is
left out, which a graphics card does, and so is waiting: the time is the thread's own.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.ui import start


class Frames:
    """Writes a line to `path` before each drawing."""

    def __init__(self, path: Path) -> None:
        self._out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._since: float | None = None

    def watch(self) -> None:
        """The window is there: listen to it, and to the end of each turn of the loop."""
        from kivy.base import EventLoop
        from kivy.core.window import Window

        turn: Callable[[], Any] = EventLoop.idle

        def turned() -> Any:
            answer = turn()
            if self._since is None:
                self._since = time.thread_time()
            return answer

        EventLoop.idle = turned
        Window.bind(on_draw=self._drawing)

    def _drawing(self, _window: object) -> None:
        """What was computed since the last picture was drawn; the next count begins after this."""
        if self._since is None:
            return
        took = (time.thread_time() - self._since) * 1000
        self._since = None
        os.write(self._out, f"{time.monotonic():.3f} {took:.3f}\n".encode())


def main(arguments: list[str]) -> None:
    """Run `kiosk` with what follows LOG; ends with its exit code."""
    frames, prepare = Frames(Path(arguments[0])), start.prepare

    def prepared(options: Any) -> None:
        prepare(options)
        frames.watch()

    start.prepare = prepared
    sys.argv = ["kiosk", *arguments[1:]]
    runpy.run_module("kiosk", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
