from __future__ import annotations

import json

import pytest

from kiosk.reconciling.measure import main, measure


def test_a_small_day_is_measured_and_leaves_nothing(tmp_path):
    found = measure(tmp_path, 60)
    assert found["payments"] == 60
    assert 0 < found["seconds"] < 30
    assert 5 < found["peak_mb"] < 500
    assert list(tmp_path.iterdir()) == []


def test_the_measurement_is_printed_for_a_program(tmp_path, capsys):
    assert main([str(tmp_path), "5"]) == 0
    assert json.loads(capsys.readouterr().out)["payments"] == 5


@pytest.mark.parametrize("words", [[], ["a", "1", "2", "3"]])
def test_wrong_words_show_how_it_is_asked(words, capsys):
    assert main(words) == 2
    assert "PAYMENTS" in capsys.readouterr().err
