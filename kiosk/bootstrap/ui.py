"""The ui process: screen, touch, sound. It knows no channel, no device and no key."""

from __future__ import annotations

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.messages import Role
from kiosk.notify import notify
from kiosk.preview import PreviewReader
from kiosk.trace import Trace
from kiosk.wire import Client


def run_ui(config: Config) -> None:
    """The ui process, until its window closes. Raises KioskError where there is no font."""
    from kiosk.ui.fonts import FontMissing, font_files, prepare_fonts, ready
    from kiosk.ui.options import UiOptions
    from kiosk.ui.start import run

    settings, trace = config.ui, Trace(config.trace)
    line = Client(config.paths.socket, Role.UI)
    line.start()
    fonts = font_files(config.paths.cache)
    try:
        # Set-up has made them; on a machine that skipped it the first start takes a second more.
        fonts = fonts if ready(fonts) else prepare_fonts(config.paths.cache)
    except FontMissing as error:
        raise KioskError(str(error)) from error
    options = UiOptions(
        cache=config.paths.cache,
        fonts=fonts,
        size=None if settings.fullscreen else (settings.width, settings.height),
        languages=config.shop.languages,
        scale=settings.scale,
        brand=settings.theme,
        picture=settings.picture,
        sound=settings.sound,
        dark=settings.dark,
        reduce_motion=settings.reduce_motion,
        trace_path=settings.trace,
        on_first_frame=lambda: trace.mark("attract drawn"),
        on_alive=lambda: notify("READY=1\nWATCHDOG=1"),
    )
    run(line, PreviewReader(config.preview), options)
