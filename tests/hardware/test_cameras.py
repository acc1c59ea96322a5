"""Cameras: the folder of pictures, OpenCV's captures, and the attack presentations."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from hardware.cameras.folder import FolderCamera
from hardware.cameras.motion import Sway
from hardware.cameras.opencv import OpencvCamera
from hardware.cameras.pictures import find_pictures
from hardware.cameras.script import Scene, Shot, parse_script, shot_at
from hardware.devices import Camera, Condition
from hardware.errors import NotFound, Offline, TimedOut
from hardware.testing import CameraContract, CameraRig, wait_until


def portrait(seed: int = 7) -> np.ndarray:
    """A picture that is different everywhere."""
    rng = np.random.default_rng(seed)
    small = rng.integers(40, 220, (12, 12, 3)).astype(np.uint8)
    return cv2.resize(small, (240, 240), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "anna.png"
    cv2.imwrite(str(path), portrait())
    return path


class Clock:
    """Time that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def folder_camera(picture, **options) -> FolderCamera:
    clock = options.pop("clock", Clock())
    settings = {"width": 240, "height": 320} | options
    camera = FolderCamera(picture=str(picture), clock=clock, sleep=clock.sleep, **settings)
    camera.open()
    camera.start()
    return camera


class TestFolderCamera(CameraContract):
    @contextmanager
    def rig(self, folder):
        cv2.imwrite(str(folder / "anna.png"), portrait())
        camera = FolderCamera(
            picture=str(folder), width=120, height=160, fps=60, stuck_s=0.2, name="folder"
        )
        assert isinstance(camera, Camera)
        yield CameraRig(
            camera,
            unplug=lambda: camera.play("gone"),
            plug=lambda: camera.play("picture"),
            hang=lambda: camera.play("stuck"),
        )


class Sensor:
    """A source of frames that can be unplugged and can hang."""

    def __init__(self) -> None:
        self.plugged = True
        self.hanging = False
        self.opened = 0
        self._number = 0
        self._pause = threading.Event()

    def open(self):
        if not self.plugged:
            raise NotFound("camera", "there is none")
        self.opened += 1
        return self

    def read(self):
        self._pause.wait(0.005)
        if not self.plugged:
            return None
        self._number += not self.hanging
        return np.full((24, 32, 3), self._number % 251, dtype=np.uint8)

    def release(self) -> None:
        pass


def opencv_camera(sensor: Sensor, **options) -> OpencvCamera:
    return OpencvCamera(open_source=sensor.open, retry_s=0.02, **({"stuck_s": 0.1} | options))


class TestOpencvCamera(CameraContract):
    @contextmanager
    def rig(self, folder):
        sensor = Sensor()
        camera = opencv_camera(sensor)
        assert isinstance(camera, Camera)
        yield CameraRig(
            camera,
            unplug=lambda: setattr(sensor, "plugged", False),
            plug=lambda: setattr(sensor, "plugged", True),
            hang=lambda: setattr(sensor, "hanging", True),
        )


def test_the_same_seed_gives_the_same_frames_and_another_does_not(picture):
    def frames(seed):
        camera = folder_camera(picture, seed=seed)
        return [camera.read().pixels for _ in range(3)]

    assert all(np.array_equal(a, b) for a, b in zip(frames(3), frames(3), strict=True))
    assert not np.array_equal(frames(3)[0], frames(4)[0])


def test_frames_come_at_their_rate_and_a_slow_reader_skips_some(picture):
    clock = Clock()
    camera = folder_camera(picture, fps=10, clock=clock)
    first = [camera.read() for _ in range(3)]
    assert [frame.sequence for frame in first] == [0, 1, 2]
    assert first[2].captured_at - first[1].captured_at == pytest.approx(0.1)
    clock.sleep(1.0)
    assert camera.read().sequence == 12


def test_a_frame_that_does_not_come_in_time_is_timed_out(picture):
    camera = folder_camera(picture, fps=1)
    camera.read()
    with pytest.raises(TimedOut):
        camera.read(0.1)


def test_the_person_sways_a_little_and_never_turns_by_two_degrees():
    poses = [Sway().pose(seed, n / 7) for seed in range(20) for n in range(200)]
    assert max(abs(pose.degrees) for pose in poses) < 2
    assert max(abs(pose.scale - 1) for pose in poses) < 0.05
    assert max(abs(pose.shift_x) for pose in poses) < 0.02
    assert max(abs(pose.degrees) for pose in poses) > 0.5


@pytest.mark.parametrize(("width", "height"), [(180, 320), (320, 180), (240, 240)])
def test_the_focus_of_the_picture_stays_in_view(tmp_path, width, height):
    scene = np.full((300, 300, 3), 90, dtype=np.uint8)
    cv2.circle(scene, (150, 70), 45, (0, 0, 255), -1)  # where a face would be
    cv2.imwrite(str(tmp_path / "p.png"), scene)
    camera = folder_camera(
        tmp_path / "p.png", width=width, height=height, focus=(0.5, 0.23), visible=0.56, noise=0.0
    )
    for _ in range(10):
        red = camera.read().pixels[:, :, 2] > 200
        rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
        assert rows[0] > 0
        assert rows[-1] < height - 1
        assert columns[0] > 0
        assert columns[-1] < width - 1


def test_a_folder_shows_its_pictures_one_after_the_other(tmp_path):
    for name, level in (("a.png", 60), ("b.png", 180)):
        cv2.imwrite(str(tmp_path / name), np.full((90, 90, 3), level, dtype=np.uint8))
    camera = folder_camera(tmp_path, each_s=2.0, fps=1)
    means = [float(camera.read().pixels.mean()) for _ in range(5)]
    assert [round(mean / 60) for mean in means] == [1, 1, 3, 3, 1]


def test_a_script_plays_shot_by_shot(picture):
    camera = folder_camera(picture, script="empty 2s, picture anna 2s, gone", fps=1)
    empty = [camera.read().pixels.std() for _ in range(2)]
    person = [camera.read().pixels.std() for _ in range(2)]
    assert max(empty) < min(person)
    with pytest.raises(Offline):
        camera.read()


def test_a_changed_script_file_is_played_and_a_faulty_one_is_named(picture, tmp_path):
    script = tmp_path / "scene.txt"
    camera = folder_camera(picture, script_file=str(script), fps=30)
    camera.read()
    script.write_text("gone")
    with pytest.raises(Offline):
        camera.read()
    script.write_text("dance 3s, picture")
    with pytest.raises(NotFound, match="dance"):
        camera.read()


def test_a_script_that_is_not_understood_quotes_itself():
    assert parse_script("empty 1.5s; screen a.jpg 2\n picture") == (
        Shot(Scene.EMPTY, "", 1.5),
        Shot(Scene.SCREEN, "a.jpg", 2.0),
        Shot(Scene.PICTURE),
    )
    shots = parse_script("empty 1s, stuck 2s, picture 1s")
    assert [shot_at(shots, t).scene for t in (0, 1, 2.9, 3, 99)] == [
        Scene.EMPTY,
        Scene.STUCK,
        Scene.STUCK,
        Scene.PICTURE,
        Scene.PICTURE,
    ]
    for bad in ("", "dance 2s", "picture a b c"):
        with pytest.raises(ValueError, match=r"shot"):
            parse_script(bad)


def test_a_picture_that_is_not_there_names_the_mend(tmp_path):
    for place in ("nowhere.png", str(tmp_path)):
        with pytest.raises(NotFound) as raised:
            find_pictures("camera", place)
        assert raised.value.mend
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(NotFound, match="cannot be read"):
        FolderCamera(picture=str(tmp_path / "text.png")).open()


def test_a_packaged_picture_is_found_without_importing_its_package():
    before = "skimage" in sys.modules
    try:
        paths = find_pictures("camera", "skimage:astronaut")
    except NotFound as missing:
        pytest.skip(missing.cause)
    assert paths[0].name == "astronaut.png"
    assert ("skimage" in sys.modules) == before


@pytest.mark.parametrize("scene", ["screen", "tablet", "paper"])
def test_an_attack_presentation_is_a_card_before_a_wall(picture, scene):
    camera = folder_camera(picture, scene=scene, noise=0.0)
    bare = folder_camera(picture, scene="empty", noise=0.0).read().pixels
    first, later = camera.read().pixels, [camera.read().pixels for _ in range(5)][-1]
    wall = np.abs(first.astype(int) - bare.astype(int)).max(axis=2) < 8
    assert 0.15 < wall.mean() < 0.8, "the wall shows around the card"
    assert wall[:8].all()
    assert not np.array_equal(first, later), "a hand is never quite still"


def test_a_screen_has_a_dark_rim_and_a_bluish_white(tmp_path):
    cv2.imwrite(str(tmp_path / "white.png"), np.full((200, 200, 3), 250, dtype=np.uint8))
    pixels = folder_camera(tmp_path / "white.png", scene="screen", noise=0.0).read().pixels
    middle = pixels[140:180, 100:140].reshape(-1, 3).mean(axis=0)
    assert middle[0] > middle[2] + 8
    assert pixels[160].min() < 50


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"width": 1}, "width"),
        ({"fps": 0.0}, "fps"),
        ({"noise": 99.0}, "noise"),
        ({"scene": "dance"}, "shot"),
        ({"visible": 0.0}, "visible"),
        ({"focus": (2.0, 0.0)}, "focus"),
        ({"stuck_s": -1.0}, "stuck_s"),
    ],
)
def test_a_bad_option_of_the_folder_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        FolderCamera(**options)


def test_the_newest_frame_wins_over_a_slow_reader():
    camera = opencv_camera(Sensor())
    camera.start()
    first = camera.read()
    assert wait_until(lambda: camera._sequence > first.sequence + 10)
    assert camera.read().sequence > first.sequence + 10
    camera.close()


def test_frames_are_turned_and_mirrored_as_configured():
    camera = opencv_camera(Sensor(), rotate=90, mirror=True)
    camera.start()
    assert camera.read().pixels.shape == (32, 24, 3)
    camera.close()


@pytest.mark.parametrize("turned", [{}, {"rotate": 180}, {"mirror": True}], ids=str)
def test_pixels_of_sixteen_bits_do_not_pass_for_eight(turned):
    class Deep(Sensor):
        def read(self):
            return super().read().astype(np.uint16) * 256

    camera = opencv_camera(Deep(), **turned)
    camera.start()
    assert camera.read().pixels.dtype == np.uint16
    camera.close()


def test_a_source_that_hangs_for_ever_holds_up_nobody():
    release = threading.Event()

    class Hanging(Sensor):
        def read(self):
            release.wait(5)

    camera = opencv_camera(Hanging())
    camera.start()
    with pytest.raises(TimedOut):
        camera.read(0.05)
    camera.stop(timeout_s=0.05)
    camera.close()
    release.set()


def test_a_video_file_plays_round_and_round_at_its_rate(tmp_path):
    path = str(tmp_path / "video.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 60, (64, 48))
    for level in range(10, 250, 60):
        writer.write(np.full((48, 64, 3), level, dtype=np.uint8))
    writer.release()
    camera = OpencvCamera(device=path)
    camera.open()
    camera.start()
    levels = [round(float(camera.read().pixels.mean()) / 60) for _ in range(8)]
    assert len(set(levels)) >= 3
    assert camera.check_health().condition is Condition.GOOD
    camera.close()


def test_a_camera_that_is_not_there_is_not_found(tmp_path):
    for device in ("/dev/v4l/by-id/nothing", str(tmp_path / "no.avi")):
        with pytest.raises(NotFound) as raised:
            OpencvCamera(device=device).open()
        assert raised.value.mend


@pytest.mark.parametrize(
    ("options", "word"),
    [({"rotate": 45}, "rotate"), ({"fps": 0}, "fps"), ({"retry_s": 0}, "retry_s")],
)
def test_a_bad_option_of_opencv_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        OpencvCamera(**options)


def test_a_camera_that_goes_on_hanging_is_closed_and_opened_again():
    sensor = Sensor()
    camera = opencv_camera(sensor, stuck_s=0.05)
    camera.start()
    camera.read(2.0)
    sensor.hanging = True
    assert wait_until(lambda: sensor.opened >= 2)
    sensor.hanging = False
    assert wait_until(lambda: camera.check_health().condition is Condition.GOOD)
    camera.close()
