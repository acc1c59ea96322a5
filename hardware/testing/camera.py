"""The contract of a camera as tests."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hardware.devices import (
    Camera,
    Condition,
)
from hardware.errors import DeviceError, Offline, TimedOut
from hardware.testing.waiting import Act, wait_until


@dataclass(frozen=True, slots=True)
class CameraRig:
    """A camera, not yet open, and what makes it vanish, come back and hang."""

    camera: Camera
    unplug: Act
    plug: Act
    hang: Act


class CameraContract(ABC):
    """What every Camera does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[CameraRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[CameraRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.camera.close()

    def test_frames_are_pictures_in_order(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.start()
        frames = [ready.camera.read(2.0) for _ in range(4)]
        for frame in frames:
            assert frame.pixels.dtype == np.uint8
            assert frame.pixels.ndim == 3
            assert frame.pixels.shape[2] == 3
            assert not frame.pixels.flags.writeable
        assert all(a.sequence < b.sequence for a, b in itertools.pairwise(frames))
        assert all(a.captured_at < b.captured_at for a, b in itertools.pairwise(frames))

    def test_nothing_streams_before_the_start_and_after_the_stop(self, ready: CameraRig) -> None:
        ready.camera.open()
        with pytest.raises(Offline):
            ready.camera.read(0.1)
        ready.camera.start()
        ready.camera.start()
        ready.camera.read(2.0)
        ready.camera.stop()
        ready.camera.stop()
        with pytest.raises(Offline):
            ready.camera.read(0.1)
        ready.camera.start()
        ready.camera.read(2.0)

    def test_a_vanished_camera_is_off_line_and_comes_back(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.start()
        ready.camera.read(2.0)
        ready.unplug()
        assert wait_until(lambda: self._refusal(ready.camera) is Offline)
        ready.plug()
        assert wait_until(lambda: self._refusal(ready.camera) is None)

    def test_a_camera_that_hangs_is_noticed(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.start()
        ready.camera.read(2.0)
        ready.hang()
        assert wait_until(lambda: self._refusal(ready.camera) is TimedOut)

    def test_closing_twice_is_fine(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.close()
        ready.camera.close()
        assert ready.camera.check_health().condition is Condition.BAD

    @staticmethod
    def _refusal(camera: Camera) -> type[DeviceError] | None:
        try:
            camera.read(0.2)
        except DeviceError as error:
            return type(error)
        return None
