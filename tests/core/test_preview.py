"""The live picture: in memory only, whole or not at all, gone when it should be."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import KioskError
from kiosk.faces.process import preview_of
from kiosk.preview import PreviewReader, PreviewWriter, in_memory

MEMORY = Path("/dev/shm")


@pytest.fixture
def path():
    if not (MEMORY.is_dir() and in_memory(MEMORY / "x")):
        pytest.skip("there is no memory file system here")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder) / "preview"


def test_a_frame_comes_out_as_it_went_in_and_only_once_it_is_there(path):
    reader = PreviewReader(path)
    assert reader.latest() is None
    writer = PreviewWriter(path, 4, 2)
    assert reader.latest() is None
    writer.write(bytes(range(24)))
    frame = reader.latest()
    assert (frame.width, frame.height, frame.pixels) == (4, 2, bytes(range(24)))
    writer.write(bytes(24))
    assert reader.latest().sequence > frame.sequence


def test_a_cleared_preview_holds_no_pixel_of_anybody(path):
    writer = PreviewWriter(path, 4, 2)
    writer.write(b"\xff" * 24)
    writer.clear()
    assert PreviewReader(path).latest() is None
    assert b"\xff" not in path.read_bytes()
    writer.close()
    assert not path.exists()


def test_a_reader_finds_the_file_that_a_new_process_made(path):
    first = PreviewWriter(path, 4, 2)
    first.write(b"a" * 24)
    reader = PreviewReader(path)
    assert reader.latest() is not None
    path.unlink()
    second = PreviewWriter(path, 4, 2)
    second.write(b"b" * 24)
    assert reader.latest().pixels == b"b" * 24


def test_a_picture_is_refused_where_it_would_reach_a_disk():
    here = Path(__file__).parent / "preview"
    if in_memory(here):
        pytest.skip("this checkout itself lies in memory")
    with pytest.raises(KioskError, match="is on a disk"):
        PreviewWriter(here, 4, 2)
    assert not here.exists()


@pytest.mark.parametrize("garbage", [b"", b"short", b"KPV1" + b"\xff" * 12, b"\0" * 200])
def test_garbage_is_no_frame(path, garbage):
    path.write_bytes(garbage)
    assert PreviewReader(path).latest() is None


def test_the_middle_of_a_wide_picture_and_the_upper_part_of_a_tall_one_are_shown():
    wide = np.zeros((100, 200, 3), np.uint8)
    wide[:, 50:150] = (1, 2, 3)
    assert set(np.frombuffer(preview_of(wide, 10), np.uint8).reshape(-1, 3)[:, 0]) == {3}
    tall = np.zeros((200, 100, 3), np.uint8)
    tall[25:125] = (1, 2, 3)
    assert set(np.frombuffer(preview_of(tall, 10), np.uint8).reshape(-1, 3)[:, 2]) == {1}
