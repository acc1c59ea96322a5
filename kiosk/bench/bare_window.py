"""An empty window of the same toolkit with the same settings: what any start must take here.

    python -m kiosk.bench.bare_window CACHE WIDTH HEIGHT      prints when its first frame was drawn

The time is in milliseconds on the machine's steady clock, which all processes share.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Open it, draw one frame, close it."""
    from kiosk.ui.options import FontFiles, UiOptions
    from kiosk.ui.start import prepare

    cache, size = Path(arguments[0]), (int(arguments[1]), int(arguments[2]))
    prepare(UiOptions(cache, FontFiles(cache, cache), size))
    from kivy.app import App
    from kivy.core.window import Window
    from kivy.uix.widget import Widget

    app = App()
    app.root = Widget()

    def drawn(_window: object) -> bool:
        Window.flip()
        sys.stdout.write(f"{time.monotonic() * 1000:.1f}\n")
        sys.stdout.flush()
        app.stop()
        return True

    Window.bind(on_flip=drawn)
    app.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
