"""A camera made of pictures: a person's picture sways, breathes noise, and is gone when told to.

Driver name in the configuration: ``folder``. The same seed gives the same frames, so a visit can be
played again in a test; a script shows an empty place, an attack presentation, a camera that hangs,
and a person who reads the screen and does what it asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.cameras.attack import Instrument, Presentation, wall
from hardware.cameras.motion import Sensor, Subject, Sway
from hardware.cameras.obedience import Obedience, Stance
from hardware.cameras.pictures import Composition, composition_of, find_pictures, read_picture
from hardware.cameras.relief import Relief
from hardware.cameras.script import Scene, Shot, parse_script, shot_at
from hardware.cameras.still import StillWatch
from hardware.devices import Condition, Frame, Health
from hardware.errors import NotFound, Offline, TimedOut

Pixels = NDArray[np.uint8]
Show = Callable[[float], Pixels]
HAND = Sway(shift=0.02, scale=0.03, degrees=2.2, tremor=0.0025)
INSTRUMENTS = {
    Scene.SCREEN: Instrument.PHONE,
    Scene.TABLET: Instrument.TABLET,
    Scene.PAPER: Instrument.PAPER,
}
DEPTHS = {Scene.PERSON: 1.0, Scene.SHEET: 0.0}


class FolderCamera:
    """Frames of ``width`` x ``height`` at ``fps``, from ``picture``: a file, a folder, or packaged.

    ``scene`` is what it shows, unless ``script`` says more; ``script_file`` is read anew whenever
    it changes. A folder shows each picture for ``each_s``; ``focus`` is where the face is, as
    fractions of the picture. ``reads`` is the file in which the screen says what it shows, for a
    person who does what it asks. Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        picture: str = "skimage:astronaut",
        name: str = "camera",
        width: int = 720,
        height: int = 1280,
        fps: float = 15.0,
        scene: str = "picture",
        script: str = "",
        script_file: str = "",
        reads: str = "",
        each_s: float = 5.0,
        focus: tuple[float, float] | None = None,
        visible: float | None = None,
        noise: float = 2.0,
        stuck_s: float = 3.0,
        seed: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not (64 <= width <= 4096 and 64 <= height <= 4096):
            raise ValueError("width and height must be 64 to 4096 pixels")
        if not 0.5 <= fps <= 60:
            raise ValueError(f"fps must be 0.5 to 60, not {fps!r}")
        if not 0 <= noise <= 30:
            raise ValueError(f"noise must be 0 to 30 grey levels, not {noise!r}")
        known = composition_of(picture)
        x, y = focus if focus is not None else (known.focus_x, known.focus_y)
        seen = known.visible if visible is None else visible
        self._composition = Composition(x, y, seen, known.eyes, known.nose)
        self._shots = parse_script(script or scene)
        self._script_file = Path(script_file) if script_file else None
        self._script_stamp = 0
        self._person = Obedience(Path(reads) if reads else None)
        self._name = name
        self._picture = picture
        self._size = (width, height)
        self._fps = fps
        self._each_s = each_s
        self._noise = noise
        self._still = StillWatch(name, stuck_s)
        self._seed = seed
        self._clock = clock
        self._sleep = sleep
        self._paths: list[Path] = []
        self._sensor: Sensor | None = None
        self._shows: dict[tuple[Scene, Path], Show] = {}
        self._started: float | None = None
        self._script_began = 0.0
        self._sequence = -1
        self._last: Pixels | None = None

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> None:
        self._paths = find_pictures(self._name, self._picture)
        for path in self._paths[:1]:
            read_picture(self._name, path)
        self._sensor = Sensor(self._seed, self._size[1], self._size[0], self._noise)

    def close(self) -> None:
        self.stop()
        self._paths = []
        self._shows.clear()
        self._sensor = None

    def start(self) -> None:
        if not self._paths:
            raise Offline(self._name, "the camera is not open")
        if self._started is None:
            self._started = self._script_began = self._clock()
            self._sequence = -1
            self._still.reset()

    def stop(self) -> None:
        self._started = None
        self._last = None

    def play(self, script: str) -> None:
        """Show another script from now on; raises ValueError for one that is not understood."""
        self._shots = parse_script(script)
        self._script_began = self._clock()

    def check_health(self) -> Health:
        if not self._paths:
            error = Offline(self._name, "the camera is not open")
            return Health(Condition.BAD, error.cause, error.mend)
        return Health(Condition.GOOD)

    def read(self, timeout_s: float = 1.0) -> Frame:
        if self._started is None:
            raise Offline(self._name, "the camera is not streaming")
        number = int((self._clock() - self._started) * self._fps)
        if number <= self._sequence:
            due = self._started + (self._sequence + 1) / self._fps - self._clock()
            if due > timeout_s:
                self._sleep(timeout_s)
                raise TimedOut(self._name, f"no frame within {timeout_s} s")
            self._sleep(max(0.0, due))
            number = self._sequence + 1
        self._look_at_script_file()
        self._sequence = number
        captured_at = self._started + number / self._fps
        pixels = self._render(number, captured_at)
        hangs = self._still.fault(pixels, captured_at)
        if hangs is not None:
            raise hangs
        return Frame(pixels, captured_at, number)

    def _render(self, number: int, at: float) -> Pixels:
        """The pixels of frame ``number``, taken at ``at`` (the camera's clock)."""
        into_script = at - self._script_began
        shot = shot_at(self._shots, into_script)
        if shot.scene is Scene.GONE:
            raise Offline(self._name, "the camera was unplugged")
        if shot.scene is Scene.STUCK and self._last is not None:
            return self._last
        scene = self._show(shot, into_script)(number / self._fps)
        pixels = self._sensor.expose(scene, number) if self._sensor is not None else scene
        pixels.setflags(write=False)
        self._last = pixels
        return pixels

    def _show(self, shot: Shot, seconds: float) -> Show:
        """What draws ``shot``, prepared once for each scene and picture."""
        path = self._path_of(shot, seconds)
        key = (shot.scene, path)
        if key not in self._shows:
            self._shows[key] = self._prepare(shot.scene, path)
        return self._shows[key]

    def _path_of(self, shot: Shot, seconds: float) -> Path:
        if not shot.picture:
            return self._paths[int(max(0.0, seconds) / self._each_s) % len(self._paths)]
        for path in self._paths:
            if shot.picture in {path.name, path.stem}:
                return path
        beside = self._paths[0].parent / shot.picture
        return beside if beside.is_file() else find_pictures(self._name, shot.picture)[0]

    def _prepare(self, scene: Scene, path: Path) -> Show:
        width, height = self._size
        if scene is Scene.EMPTY:
            empty = wall(width, height, np.random.default_rng(self._seed))
            return lambda _seconds: empty
        picture = read_picture(self._name, path)
        if scene in INSTRUMENTS:
            held = Presentation(
                picture,
                INSTRUMENTS[scene],
                width,
                height,
                composition=self._composition,
                seed=self._seed,
            )
            return lambda seconds: held.show(HAND.pose(self._seed, seconds))
        if scene in DEPTHS:
            relief = Relief(picture, self._composition, width, height, depth=DEPTHS[scene])
            return lambda seconds: relief.show(Sway().pose(self._seed, seconds), self._stance())
        subject = Subject(picture, self._composition, width, height)
        return lambda seconds: subject.show(Sway().pose(self._seed, seconds))

    def _stance(self) -> Stance:
        return self._person.stance(self._clock())

    def _look_at_script_file(self) -> None:
        """A changed script file is played from its start; a faulty one is refused by name."""
        if self._script_file is None:
            return
        try:
            stamp = self._script_file.stat().st_mtime_ns
        except OSError:
            return  # no file yet: what was configured stays
        if stamp == self._script_stamp:
            return
        self._script_stamp = stamp
        try:
            self.play(self._script_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NotFound(
                self._name, f"{self._script_file}: {error}", "Write shots such as: empty 1s."
            ) from error
