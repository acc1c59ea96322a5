"""The time from a code to the basket, measured in a shop of its own."""

from __future__ import annotations

from kiosk.bench import scanning
from kiosk.bench.scanning import Observed


def test_a_scanner_that_types_sells_in_the_running_core_and_is_measured(tmp_path):
    seen = scanning.observe(tmp_path, scans=2, drivers=("evdev",))
    (figure,) = scanning.figures(seen)
    assert len(seen.scans["evdev"]) == 2
    assert figure.unit == "ms"
    assert 0 < figure.measured < 5000


def test_the_median_is_judged_and_the_worst_is_told():
    serial, typed = scanning.figures(Observed({"serial": [1, 2, 30], "evdev": [9, 11, 12]}))
    assert (serial.measured, serial.met) == (2, True)
    assert "worst 30.0 ms" in serial.note
    assert (typed.measured, typed.met) == (11, False)
