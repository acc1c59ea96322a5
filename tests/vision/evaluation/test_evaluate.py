"""The commands, on a small made set and, where they are at hand, on the evaluation sets."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from presentations import bona_fide, on_a_phone

from vision.__main__ import main


@pytest.fixture(scope="module")
def made(picture, tmp_path_factory):
    """Pairs and presentations of the astronaut."""
    folder = tmp_path_factory.mktemp("set")
    (folder / "lists").mkdir()
    cv2.imwrite(str(folder / "lists/one.png"), picture)
    cv2.imwrite(str(folder / "lists/other.png"), picture[:, ::-1])
    cv2.imwrite(str(folder / "lists/nobody.png"), picture[400:])
    (folder / "lists/pairs.txt").write_text("1 one.png other.png\n0 one.png nobody.png\n")
    for kind, frames in (("bonafide", bona_fide), ("phone", on_a_phone)):
        (folder / kind).mkdir()
        for number, frame in enumerate(frames(picture, 3)):
            cv2.imwrite(str(folder / kind / f"a_{number}.png"), frame)
    return folder


def test_a_report_has_its_numbers_its_curves_and_its_json(made, tmp_path):
    pytest.importorskip("matplotlib", reason="no curves without the extra `evaluation`")
    out, numbers = tmp_path / "out", tmp_path / "numbers.json"
    assert main(["evaluate", str(made), "--out", str(out), "--json", str(numbers)]) == 0
    report = (out / "report.md").read_text("utf-8")
    assert "1 pairs with a picture without a face" in report
    assert "phone | 0.0% (0 of 3; ≤ 63.2%) | 0.0% (0 of 1" in report
    for name in ("verification.png", "attack-detection-1.png"):
        assert f"]({name})" in report
        assert cv2.imread(str(out / name)).std() > 5
    found = json.loads(numbers.read_text("utf-8"))
    frames = found["attack_detection"]["fr_liveness"]["every_frame_frame"]
    assert frames[f"{made.name}, bona fide"]["bpcer"]["of"] == 3
    assert found["verification"]["configured"]["fnmr"]["hits"] == 0
    assert found["timings_ms"]["detect"]["median"] > 0


def test_calibration_prints_settings_and_writes_nothing(made, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = sorted(made.rglob("*"))
    assert main(["calibrate", str(made), "--consented"]) == 0
    assert "[models.fr_liveness.thresholds]\nbona_fide_from = 0." in capsys.readouterr().out
    assert sorted(made.rglob("*")) == before
    assert list(Path.cwd().iterdir()) == []


def test_calibration_without_consent_is_refused(made, capsys):
    with pytest.raises(SystemExit):
        main(["calibrate", str(made)])
    assert "--consented" in capsys.readouterr().err


def test_an_empty_folder_is_named(tmp_path, capsys):
    assert main(["evaluate", str(tmp_path)]) == 1
    assert "holds neither" in capsys.readouterr().err


def test_files_of_a_pack_are_measured_only_if_they_are_there(made, tmp_path, capsys):
    files = [str(tmp_path / name) for name in ("detector.onnx", "embedder.onnx")]
    assert main(["evaluate", str(made), "--insightface", *files]) == 1
    assert "there is no model at" in capsys.readouterr().err


def test_a_picture_without_a_face_makes_no_attacks(picture, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "floor.png"), picture[400:])
    assert main(["generate", str(tmp_path / "floor.png"), str(tmp_path / "made")]) == 1
    assert "shows 0 faces" in capsys.readouterr().err


def test_the_sets_at_hand_keep_the_bars(data, tmp_path):
    numbers = tmp_path / "numbers.json"
    (tmp_path / "sets").symlink_to(data / "pad/nuaa")
    assert main(["evaluate", f"{tmp_path / 'sets'}/", "--json", str(numbers)]) == 0
    for judge in json.loads(numbers.read_text("utf-8"))["attack_detection"].values():
        found = judge["every_frame_three_frames"]
        assert found["sets, print"]["apcer"]["hits"] == 0
        assert found["sets, bona fide"]["bpcer"]["share"] <= 0.03
