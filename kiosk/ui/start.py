"""Starts the screen: settles the toolkit's settings before its first import, then runs the app.

The toolkit reads its home, its arguments and its log settings while it is being imported, so this
module imports it only in `run`. None of its habits stay: no arguments, no log of content, no red
circles at touches, no settings panel, no way out by a key, no input devices but the window's own.
"""

from __future__ import annotations

import logging
import os

from kiosk.ui.options import BoardOptions, CoreLink, Preview, UiOptions

_ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_IMAGE": "sdl2",
    "KIVY_AUDIO": "sdl2",
    "KIVY_CLIPBOARD": "dummy",
    "KIVY_SPELLING": "dummy",
}


def prepare(options: UiOptions | BoardOptions) -> None:
    """Set the toolkit up; nothing of it may have been imported before."""
    home = options.cache / "kivy"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(_ENVIRONMENT, KIVY_HOME=str(home))
    logging.getLogger("kivy").setLevel(logging.WARNING)
    from kivy.config import Config

    width, height = options.size or (0, 0)
    for section, key, value in (
        ("kivy", "exit_on_escape", "0"),
        ("kivy", "log_level", "warning"),
        ("kivy", "log_enable", "0"),
        ("kivy", "keyboard_mode", ""),
        ("kivy", "pause_on_minimize", "0"),
        ("graphics", "multisamples", "0"),
        ("graphics", "maxfps", "60"),
        ("graphics", "borderless", "1"),
        ("graphics", "resizable", "0"),
        ("graphics", "fullscreen", "0" if options.size else "auto"),
        ("graphics", "position", "custom"),
        ("graphics", "left", "0"),
        ("graphics", "top", "0"),
        ("graphics", "width", str(width or 1080)),
        ("graphics", "height", str(height or 1920)),
        ("graphics", "show_cursor", "1" if options.cursor else "0"),
    ):
        Config.set(section, key, value)
    for section, keep in (("input", {"mouse": "mouse,disable_multitouch"}), ("modules", {})):
        for key in list(Config[section]):
            Config.remove_option(section, key)
        for key, value in keep.items():
            Config.set(section, key, value)


def run(link: CoreLink, preview: Preview, options: UiOptions) -> None:
    """Show the screens until the window is closed."""
    prepare(options)
    from kiosk.ui.app import KioskApp

    KioskApp(link, preview, options).run()


def run_board(link: CoreLink, options: BoardOptions) -> None:
    """Show the board of orders until its window is closed."""
    prepare(options)
    from kiosk.ui.orders import BoardApp

    BoardApp(link, options).run()
