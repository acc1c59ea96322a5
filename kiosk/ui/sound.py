"""Four sounds, made by arithmetic: a tick for a scan, two for an error, a chord for paid, and two
bells for an order that is ready.

A kiosk without a loudspeaker is complete: where there is no device nothing is opened, and a sound
that cannot be played is not an error.
"""

from __future__ import annotations

import logging
import os
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

RATE = 22050
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """Tones (Hz) that sound together from `at` for `lasts` seconds."""

    tones: tuple[float, ...]
    at: float
    lasts: float


SOUNDS: Mapping[str, tuple[Note, ...]] = MappingProxyType(
    {
        "tick": (Note((1760.0,), 0.0, 0.07),),
        "error": (Note((330.0,), 0.0, 0.12), Note((262.0,), 0.17, 0.18)),
        "ready": (Note((880.0, 1760.0), 0.0, 0.5), Note((698.5, 1397.0), 0.4, 0.8)),
        "paid": (Note((523.3, 659.3), 0.0, 0.16), Note((659.3, 784.0, 1046.5), 0.16, 0.5)),
    }
)


def samples(notes: tuple[Note, ...]) -> bytes:
    """16-bit mono at `RATE`; every note fades out, so that nothing clicks."""
    length = max(note.at + note.lasts for note in notes) + 0.02
    sound = np.zeros(int(length * RATE), np.float64)
    for note in notes:
        time = np.arange(int(note.lasts * RATE)) / RATE
        tone = sum((np.sin(2 * np.pi * hertz * time) for hertz in note.tones), np.zeros(len(time)))
        rise = np.minimum(time / 0.004, 1.0)
        start = int(note.at * RATE)
        fade = np.exp(-4.0 * time / note.lasts)
        sound[start : start + len(time)] += tone / len(note.tones) * rise * fade
    loudest = max(float(np.abs(sound).max()), 1e-9)
    return (sound / loudest * 0.5 * 32767).astype("<i2").tobytes()


def has_loudspeaker() -> bool:
    """Whether this machine can play anything at all; opening a missing device may take seconds."""
    devices = Path("/dev/snd")
    played = devices.is_dir() and any(each.name.endswith("p") for each in devices.glob("pcm*"))
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    served = runtime is not None and (Path(runtime) / "pulse" / "native").exists()
    return played or served


class Sounds:
    """Plays by name; made on first use."""

    def __init__(self, folder: Path, *, wanted: bool) -> None:
        self._folder = folder
        self._silent = not wanted or not has_loudspeaker()
        self._loaded: dict[str, Any] = {}

    def play(self, name: str) -> None:
        """Play "tick", "error", "paid" or "ready"; anything else, and any trouble, is silence."""
        if self._silent or name not in SOUNDS:
            return
        try:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            sound = self._loaded[name]
            if sound is not None:
                sound.stop()
                sound.play()
        except Exception:  # noqa: BLE001  (a loudspeaker never stops a sale)
            self._silent = True
            log.warning("sound off")

    def _load(self, name: str) -> Any:
        from kivy.core.audio import SoundLoader

        path = self._folder / f"{name}.wav"
        self._folder.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples(SOUNDS[name]))
        return SoundLoader.load(str(path))
