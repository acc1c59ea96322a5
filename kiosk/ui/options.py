"""What the screen is given by whoever starts it: the way to the core, the preview, and settings.

Nothing here imports the toolkit, so that a process can read its options before a window exists.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kiosk.messages import Command, Message
from kiosk.messages.access import Key
from kiosk.ui.speech import VoiceOptions


class CoreLink(Protocol):
    """The connection to the core; neither call may wait."""

    @property
    def connected(self) -> bool:
        """Whether the core is there now; after it comes back it says `Showing` by itself."""

    def send(self, command: Command, /) -> object:
        """Hand a command over; lost while the core is not there."""

    def drain(self) -> Sequence[Message]:
        """All that has come since the last call, oldest first."""


class PreviewFrame(Protocol):
    """One picture of the camera, not mirrored: the screen does that."""

    @property
    def sequence(self) -> int:
        """Grows with every picture; the same number is not drawn twice."""

    @property
    def width(self) -> int:
        """Pixels in a row."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def pixels(self) -> bytes:
        """Red, green, blue for each pixel, top row first."""


class Preview(Protocol):
    """The live picture; must not wait, and may hand out the same frame again."""

    def latest(self) -> PreviewFrame | None:
        """The newest whole frame; None while the camera is dark or a frame is being written."""


class Film(Protocol):
    """The operator's film for the first screen; nothing of it may wait."""

    def play(self) -> None:
        """Begin, or go on."""

    def pause(self) -> None:
        """Nobody sees it."""

    def latest(self) -> PreviewFrame | None:
        """The newest whole picture."""


@dataclass(frozen=True, slots=True)
class FontFiles:
    """The face every text is set in; both must hold Chinese and Latin letters."""

    regular: Path
    bold: Path


def _nothing() -> None:
    """For those who do not ask for the first frame."""


@dataclass(frozen=True, slots=True)
class UiOptions:
    """Settings of the screen process.

    `brand` replaces colours of theme.kv by name (as #RRGGBB); an unknown name is an error.
    `scanner_side` says where the scanner sits as seen by the shopper: "below" or "right".
    """

    cache: Path
    fonts: FontFiles
    size: tuple[int, int] | None = (1080, 1920)
    """Window size in pixels; None fills the display."""
    languages: tuple[str, ...] = ("zh", "en")
    """What shoppers choose from, by the names of the files of sentences."""
    catalogues: Path | None = None
    """The operator's folder of further files of sentences."""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """His words for single sentences, by language and key."""
    scale: float = 1.0
    """The operator's factor on the scale that follows from the size."""
    dark: bool = False
    brand: Mapping[str, str] = field(default_factory=dict)
    picture: Path | None = None
    """The operator's picture for the attract screen."""
    logo: Path | None = None
    """His mark, in the bar and on the attract screen; transparent where the ground shows."""
    slides: Path | None = None
    """A folder of pictures for the attract screen, shown in the order of their names."""
    slide_seconds: float = 8.0
    film: Film | None = None
    """It stands before slides, and these before the picture; not where motion is reduced."""
    scanner_side: str = "below"
    reduce_motion: bool = False
    cursor: bool = False
    sound: bool = True
    voice: VoiceOptions = field(default_factory=VoiceOptions)
    keys: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    """The keys of a keyboard that are a navigator's, by the toolkit's names."""
    trace_path: Path | None = None
    on_first_frame: Callable[[], None] = _nothing
    """Called once, when the first attract screen is on the panel."""
    on_alive: Callable[[], None] = _nothing
    """Called every `ALIVE_EVERY` seconds by the loop that draws."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, never going back; the same for all processes of one machine."""


@dataclass(frozen=True, slots=True)
class BoardOptions:
    """Settings of the board of orders; `brand` and `size` as those of the screen."""

    cache: Path
    fonts: FontFiles
    size: tuple[int, int] | None = (1920, 1080)
    dark: bool = False
    brand: Mapping[str, str] = field(default_factory=dict)
    reduce_motion: bool = False
    cursor: bool = False
    sound: bool = True
    trace_path: Path | None = None
    """A file that says what is seen, for whoever drives the board from outside."""
    on_alive: Callable[[], None] = _nothing
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    """Seconds since 1970: the time of day on the board."""
