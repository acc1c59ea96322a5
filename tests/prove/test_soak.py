"""A round of the visits of the soak, and that it would see what grows."""

from __future__ import annotations

import shutil

import pytest

from tests.prove import soak
from tests.prove.soak import MEASURES, MIX, PROCESSES, Sample, Soak
from tests.prove.table import rows_of


@pytest.mark.display
@pytest.mark.timeout(240)
def test_each_visit_is_made_and_every_process_is_looked_at_after_it(tmp_path):
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are needed: apt install xvfb xdotool")
    seen = soak.play(tmp_path / "shop", 2 * len(MIX), 200, dict.fromkeys(MIX, 1))
    assert seen.stuck == []
    assert seen.visits == {visit.__name__: 2 for visit in MIX}
    assert len(seen.samples) == 2 * len(MIX) * len(PROCESSES)
    assert all(getattr(one, measure) > 0 for one in seen.samples for measure in MEASURES)
    soak.chart(seen, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 10_000
    assert "| ui | threads |" in soak.table(seen)


def test_what_grows_for_good_is_seen_and_what_was_once_needed_is_not():
    grows = [100 + number / 50 for number in range(500)]
    assert soak.slope(grows) == pytest.approx(4.65, abs=0.1)
    warm = [60 + min(number, 100) / 2.5 for number in range(500)]
    assert soak.slope(warm) == 0
    uneven = [100 + number % 7 for number in range(500)]
    assert abs(soak.slope(uneven)) < 0.1
    assert soak.slope([10] * 499 + [11]) < soak.SLOPE
    assert soak.slope([10] * 375 + [11] * 125) > soak.SLOPE


def test_a_soak_that_leaks_or_is_not_played_does_not_hold(tmp_path):
    def rows():
        return {row.what: row for row in rows_of(tmp_path) if row.proof == "soak"}

    assert not all(row.holds for row in rows().values())
    samples = [
        Sample(number, name, 50, 80 + (name == "ui") * number / 20, 9, 4)
        for number in range(soak.VISITS)
        for name in PROCESSES
    ]
    soak.keep(tmp_path / "soak", Soak(1000.0, {"by_code": soak.VISITS}, [], samples))
    grown = [row for row in rows().values() if not row.holds]
    assert [row.examples for row in grown] == [("ui rss +12.61 %",)]
