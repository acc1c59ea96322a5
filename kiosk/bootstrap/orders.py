"""The process of the board of orders: a second display, which knows numbers and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.bootstrap.ui import fonts
from kiosk.config import Config
from kiosk.messages import Role
from kiosk.notify import notify
from kiosk.wire import Client


def run_orders(config: Config) -> None:
    """The board, until its window closes. Raises KioskError where there is no font."""
    from kiosk.ui.options import BoardOptions
    from kiosk.ui.start import run_board

    settings = config.orders
    # The unit has a cache of its own: that of the screen belongs to another user.
    cache = Path(os.environ.get("CACHE_DIRECTORY", config.paths.cache))
    line = Client(config.paths.socket, Role.ORDERS)
    line.start()
    options = BoardOptions(
        cache=cache,
        fonts=fonts(cache),
        size=None if settings.fullscreen else (settings.width, settings.height),
        brand=config.brand.colours,
        dark=settings.dark,
        reduce_motion=settings.reduce_motion,
        sound=settings.sound,
        trace_path=settings.trace,
        on_alive=lambda: notify("READY=1\nWATCHDOG=1"),
    )
    run_board(line, options)
