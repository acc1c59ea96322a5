"""One window on a virtual display of its own for all tests of the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from kiosk.messages import Hinting, Message, Showing
from kiosk.ui.fonts import FontMissing, prepare_fonts
from kiosk.ui.options import UiOptions

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screens"


def _load_scenes() -> ModuleType:
    spec = spec_from_file_location("scenes", Path(__file__).with_name("scenes.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    import sys

    sys.modules["scenes"] = module
    spec.loader.exec_module(module)
    return module


scenes = _load_scenes()


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A virtual display; the server chooses a free number itself."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is missing: no window can be opened")
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(writing), "-screen", "0", "1920x1920x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answers:
        number = answers.readline().strip()
    try:
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)


class Clock:
    """The machine's, which a test may put forward instead of waiting, or hold."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.held: float | None = None

    def __call__(self) -> float:
        return time.monotonic() + self.ahead if self.held is None else self.held


class Panel:
    """The screen under test: says what the core says, runs frames, taps, looks."""

    def __init__(self, options: UiOptions, clock: Clock) -> None:
        from kivy.base import runTouchApp

        from kiosk.ui.app import KioskApp

        self.link = scenes.ScriptedLink()
        self.preview = scenes.ScriptedPreview()
        self.options = options
        self.clock = clock
        self.app = KioskApp(self.link, self.preview, options)
        self.app._run_prepare()
        runTouchApp(embedded=True)

    def frames(self, count: int = 1) -> None:
        from kivy.base import EventLoop

        for _ in range(count):
            EventLoop.idle()

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """Everything but drawing: what fits and where it lies is known without a picture."""
        from kivy.clock import Clock as Toolkit
        from kivy.core.window import Window

        if os.environ.get("KEEP_PICTURES"):
            yield
            return
        rate, Toolkit._max_fps = Toolkit._max_fps, 0
        Window.on_draw = Window.flip = lambda *_: None
        try:
            yield
        finally:
            del Window.on_draw, Window.flip
            Toolkit._max_fps = rate

    def resize(self, width: int, height: int) -> None:
        """Another panel; what is shown goes on there."""
        from kivy.core.window import Window

        Window.size = (width, height)
        self.until(lambda: tuple(self.app.stage.size) == (width, height))

    def until(self, met: Callable[[], bool], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, "it did not happen in time"
            self.frames()

    def show(self, *messages: Message) -> None:
        """Say it and run until touches count and the counting is over."""
        self.link.coming.extend(messages)
        self.settle()

    def show_now(self, *messages: Message) -> None:
        """Say it and run only until it is drawn."""
        self.link.coming.extend(messages)
        self.frames(1)

    def settle(self) -> None:
        """Go on to where touches count."""
        self.frames(1)
        self.until(lambda: not any(getattr(each, "waiting", False) for each in self.widgets()))
        self.clock.ahead += 0.3
        self.frames(2)

    def finish(self) -> None:
        """Let everything that moves arrive."""
        from kivy.animation import Animation

        for widget in self.widgets():
            Animation.cancel_all(widget)
            if hasattr(widget, "count_to"):
                widget.shown = widget.fen
            if hasattr(widget, "rise"):
                widget.rise = 1.0
        self.app.stage.view.opacity = 1
        toast = self.app.stage.ids.toast
        toast.opacity = 1 if toast._until else 0
        self.frames(2)  # what a rule moves, the next one follows

    def scene(self, name: str, language: str = "zh") -> None:
        from dataclasses import replace

        showing = replace(scenes.SCENES[name], language=language)
        if name in scenes.TAPPED:  # begun anew, whatever was touched before
            showing = replace(showing, visit_id=f"{name}.{language}")
            self.show(scenes.SCENES["attract"])
        self.preview.on = name == "face"
        self.show(showing)
        if name.startswith("pick"):
            self.app.stage.view.wipe()
            self.app.stage.view.type(scenes.TYPED.get(name, ""))
        if name in scenes.AFTER:
            self.show(*scenes.AFTER[name])
            self.until(lambda: not self.app.album.busy)
            self.frames(2)
        for tapped in scenes.TAPPED.get(name, ()):
            self.tap(tapped)
            self.settle()
        if name == "face":
            self.link.coming.append(scenes.GUIDED)
            self.until(lambda: self.app.stage.view.ids.instruction.key == "guidance.come_closer")
            self.frames(3)
        self.preview.on = False

    def widgets(self) -> list[Any]:
        found = []

        def walk(widget: Any) -> None:
            if widget.opacity == 0:
                return
            found.append(widget)
            for child in widget.children:
                walk(child)

        walk(self.app.stage)
        return found

    def boxes(self) -> list[tuple[str, list[Any]]]:
        from kiosk.ui.trace import boxes

        return list(boxes(self.app.stage))

    def tap(self, name: str) -> None:
        """A touch of the middle of the widget, down and up within a frame or two."""
        from kivy.core.window import Window

        x, y, width, height, enabled = dict(self.boxes())[name]
        assert enabled, f"{name} cannot be touched"
        at = (x + width / 2, y + height / 2)
        Window.dispatch("on_mouse_down", *at, "left", [])
        self.frames(2)
        Window.dispatch("on_mouse_up", *at, "left", [])
        self.frames(3)

    def keep(self, name: str) -> None:
        """Leave a picture in build/screens, for whoever asks for them: KEEP_PICTURES=1."""
        if os.environ.get("KEEP_PICTURES"):
            import numpy as np

            PICTURES.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(np.ascontiguousarray(self.picture()))
            picture.save(PICTURES / f"{name}.png", compress_level=1)

    def picture(self) -> Any:
        """What is on the panel, H x W x 3 RGB."""
        import mss
        import numpy as np

        with mss.MSS(display=os.environ["DISPLAY"]) as camera:
            shot = camera.grab(camera.monitors[0])
        whole = np.frombuffer(shot.rgb, np.uint8).reshape(shot.height, shot.width, 3)
        width, height = (int(side) for side in self.app.stage.size)
        return whole[:height, :width]


@pytest.fixture(scope="session")
def panel(display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    cache = tmp_path_factory.mktemp("ui")
    try:
        fonts = prepare_fonts(cache / "fonts")
    except FontMissing as error:
        pytest.skip(str(error))
    before = os.environ.get("DISPLAY")
    os.environ["DISPLAY"] = display
    from kiosk.ui.start import prepare

    firsts: list[float] = []
    clock = Clock()
    options = UiOptions(
        clock=clock,
        cache=cache,
        fonts=fonts,
        sound=False,
        trace_path=cache / "trace.json",
        on_first_frame=lambda: firsts.append(time.monotonic()),
    )
    prepare(options)
    shown = Panel(options, clock)
    shown.firsts = firsts
    yield shown
    shown.app.stop()
    if before is None:
        del os.environ["DISPLAY"]
    else:
        os.environ["DISPLAY"] = before


@pytest.fixture
def unseen(panel: Panel) -> Iterator[None]:
    """For tests that look at no picture."""
    with panel.unseen():
        yield


def said(messages: list[Message]) -> list[str]:
    return [type(message).__name__ for message in messages]


__all__ = ["Hinting", "Panel", "Showing", "display", "panel", "said", "scenes", "unseen"]
