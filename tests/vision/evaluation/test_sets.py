from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.evaluation.sets import (
    BONA_FIDE,
    NothingToMeasure,
    read_pairs,
    read_presentations,
    windows,
)


def files(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def kinds(folder):
    return {(one.source, one.species, one.name) for one in read_presentations(folder)}


def test_folders_beside_bona_fide_are_species(tmp_path):
    files(tmp_path, "nuaa/bonafide/1_2.jpg", "nuaa/print/1_2.jpg", "nuaa/attack/mask/1_2.png")
    assert kinds(tmp_path) == {
        ("nuaa", BONA_FIDE, "bonafide/1"),
        ("nuaa", "print", "print/1"),
        ("nuaa", "mask", "mask/1"),
    }


def test_clips_side_by_side_are_species_by_their_names(tmp_path):
    files(tmp_path, "clips/bonafide_1.mov", "clips/Bona-fide_2.MP4", "clips/screen_replay_1.mp4")
    assert kinds(tmp_path) == {
        ("clips", BONA_FIDE, "clips/bonafide_1.mov"),
        ("clips", BONA_FIDE, "clips/Bona-fide_2.MP4"),
        ("clips", "screen replay", "clips/screen_replay_1.mp4"),
    }


def test_a_folder_within_a_species_is_of_that_species(tmp_path):
    files(tmp_path, "bonafide/anna/1.jpg", "replay/anna/tablet/1.jpg", "readme.txt")
    assert {one[1] for one in kinds(tmp_path)} == {BONA_FIDE, "replay"}


def test_attacks_alone_are_called_by_their_folder(tmp_path):
    files(tmp_path, "print/1.jpg")
    assert kinds(tmp_path) == {(tmp_path.name, "print", "print")}


def test_pictures_of_one_name_are_one_presentation_in_the_order_of_their_numbers(tmp_path):
    files(tmp_path, *(f"bonafide/{who}_{n}.jpg" for who in ("a", "b") for n in (10, 9, 1)))
    first, second = read_presentations(tmp_path)
    assert [path.stem for path in first.files] == ["a_1", "a_9", "a_10"]
    assert [path.stem for path in second.files] == ["b_1", "b_9", "b_10"]


def test_pictures_of_pairs_are_no_presentations(tmp_path):
    files(tmp_path, "lfw/anna/1.jpg", "lfw/anna/2.jpg")
    (tmp_path / "lfw/pairs.txt").write_text("1 anna/1.jpg anna/2.jpg\n\n0 a b\n")
    assert read_presentations(tmp_path) == []
    one, other = read_pairs(tmp_path)
    assert (one.same, one.one, other.same) == (True, tmp_path / "lfw/anna/1.jpg", False)


@pytest.mark.parametrize("line", ["2 a b", "1 a", "1 a b c", "same a b"])
def test_a_bad_line_of_pairs_is_named(tmp_path, line):
    (tmp_path / "pairs.txt").write_text(f"1 a b\n{line}\n")
    with pytest.raises(NothingToMeasure, match="line 2"):
        read_pairs(tmp_path)


def test_what_cannot_be_read_is_named(tmp_path):
    files(tmp_path, "bonafide/broken_1.jpg", "bonafide/broken.mp4")
    for one in read_presentations(tmp_path):
        with pytest.raises(NothingToMeasure, match="broken"):
            list(one.frames())


def test_a_clip_gives_each_nth_frame(tmp_path):
    writer = cv2.VideoWriter(
        str(tmp_path / "bonafide_1.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48)
    )
    for shade in range(0, 250, 25):
        writer.write(np.full((48, 64, 3), shade, np.uint8))
    writer.release()
    (clip,) = read_presentations(tmp_path)
    assert len(list(clip.frames())) == 10
    assert [round(frame.mean() / 25) for frame in clip.frames(every=4)] == [0, 4, 8]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), max_size=20))
def test_windows_use_each_score_once_and_leave_a_rest_out(scores):
    means = windows(scores, 3)
    assert len(means) == len(scores) // 3
    assert sum(means) * 3 == pytest.approx(sum(scores[: len(means) * 3]))
