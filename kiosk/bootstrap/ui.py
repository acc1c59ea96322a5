"""The ui process: screen, touch, sound. It knows no channel, no device and no key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.messages import Role
from kiosk.messages.access import Key
from kiosk.notify import notify
from kiosk.preview import PreviewReader
from kiosk.trace import Trace
from kiosk.wire import Client

if TYPE_CHECKING:
    from kiosk.film import Film
    from kiosk.ui.options import FontFiles


def fonts(cache: Path) -> FontFiles:
    """The faces that texts are set in, kept in `cache`. Raises KioskError where there is none."""
    from kiosk.ui.fonts import FontMissing, font_files, prepare_fonts, ready

    made = font_files(cache)
    try:
        # Set-up has made them; on a machine that skipped it the first start takes a second more.
        return made if ready(made) else prepare_fonts(cache)
    except FontMissing as error:
        raise KioskError(str(error)) from error


def run_ui(config: Config) -> None:
    """The ui process, until its window closes. Raises KioskError where there is no font."""
    from kiosk.ui.options import UiOptions
    from kiosk.ui.speech import VoiceOptions
    from kiosk.ui.start import run

    settings, access, trace = config.ui, config.access, Trace(config.trace)
    line = Client(config.paths.socket, Role.UI)
    line.start()
    film = _film(config)
    options = UiOptions(
        cache=config.paths.cache,
        fonts=fonts(config.paths.cache),
        size=None if settings.fullscreen else (settings.width, settings.height),
        languages=config.shop.languages,
        scale=settings.scale,
        brand=config.brand.colours,
        texts=config.brand.texts,
        catalogues=config.brand.languages,
        logo=config.brand.logo,
        picture=config.brand.picture,
        slides=config.brand.slides,
        film=film,
        slide_seconds=config.brand.slide_seconds,
        sound=settings.sound,
        dark=settings.dark,
        reduce_motion=settings.reduce_motion,
        voice=VoiceOptions(access.program, access.device, access.rate, access.volume),
        keys={
            Key.PREVIOUS: access.previous,
            Key.NEXT: access.next,
            Key.SELECT: access.select,
            Key.HELP: access.help,
        },
        trace_path=settings.trace,
        on_first_frame=lambda: trace.mark("attract drawn"),
        on_alive=lambda: notify("READY=1\nWATCHDOG=1"),
    )
    try:
        run(line, PreviewReader(config.preview), options)
    finally:
        if film is not None:
            film.close()


def _film(config: Config) -> Film | None:
    """The operator's film, unpacked into memory: this unit's own place, or that of all programs."""
    video = config.brand.video
    if video is None or not video.is_file():
        return None
    from kiosk.film import Film

    memory = "/dev/shm"  # noqa: S108 - a name of this process, readable to its user alone
    place = Path(os.environ.get("RUNTIME_DIRECTORY", memory).partition(":")[0])
    return Film(video, place / f"kiosk-film-{os.getpid()}")
