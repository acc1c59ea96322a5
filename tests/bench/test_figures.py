"""What a figure says of its budget; figures out of traces and of the kernel's tables."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.bench import command, looking, whole
from kiosk.bench.figure import Budget, Figure, table
from kiosk.bench.machine import Memory, memory_of, this_machine
from kiosk.demo.display import VirtualDisplay
from kiosk.errors import KioskError
from vision.peers import __main__ as peers


@pytest.mark.parametrize(
    ("measured", "limit", "budget", "met", "used"),
    [
        (2.0, 4.0, Budget.AT_MOST, True, 0.5),
        (4.0, 4.0, Budget.AT_MOST, True, 1.0),
        (5.0, 4.0, Budget.AT_MOST, False, 1.25),
        (0.8, 0.8, Budget.AT_LEAST, True, 1.0),
        (0.4, 0.8, Budget.AT_LEAST, False, 2.0),
        (0.0, 0.8, Budget.AT_LEAST, False, None),
        (None, 4.0, Budget.AT_MOST, None, None),
    ],
)
def test_a_figure_keeps_its_budget_or_says_by_how_much_it_does_not(
    measured, limit, budget, met, used
):
    figure = Figure("start", measured, "s", limit, budget)
    assert figure.met is met
    assert figure.used == used


def test_the_table_says_yes_no_and_not_measured():
    rows = table(
        [
            Figure("start", 0.5, "s", 3, note="worst 0.75 s"),
            Figure("scan", 91.04, "ms", 60),
            Figure("ledger", None, "×", 0.8, Budget.AT_LEAST, "no disk"),
        ]
    ).splitlines()
    assert rows == [
        "figure  measured  budget   of budget  met",
        "start   0.50 s    ≤ 3 s    17 %       yes           worst 0.75 s",
        "scan    91.0 ms   ≤ 60 ms  152 %      NO",
        "ledger  –         ≥ 0.8 ×             not measured  no disk",
    ]


def test_the_time_of_a_slip_is_that_of_its_own_payment():
    steps = [
        {"step": "last good frame", "at_ms": 100.0, "attempt": "A"},
        {"step": "last good frame", "at_ms": 900.0, "attempt": "B"},
        {"step": "slip complete", "at_ms": 350.0, "out_trade_no": "A"},
        {"step": "last good frame", "at_ms": 950.0, "attempt": "declined"},
        {"step": "slip complete", "at_ms": 1000.0, "out_trade_no": "B"},
        {"step": "slip complete", "at_ms": 1100.0, "out_trade_no": "paid by code"},
    ]
    assert list(whole.slip_times(steps)) == [250.0, 100.0]


def test_worst_cases_are_judged_where_a_shopper_waits():
    observed = whole.Observed(
        starts=[600.0, 700.0, 3500.0],
        bare_starts=[250.0, 200.0, 300.0],
        scans=[40.0, 50.0, 70.0],
        slips=[300.0, 900.0, 310.0],
        longest_block=20.0,
        longest_at="face",
        memory=Memory(rss=700.0, pss=500.0),
    )
    met = {figure.name: figure.met for figure in whole.figures(observed)}
    assert met == {
        "start to first attract frame": True,
        "the same ÷ an empty window": True,
        "last good frame to slip complete": False,
        "scan to visible line, median": True,
        "scan to visible line, worst": False,
        "longest block of the screen's thread": True,
        "memory of core, faces, ui": True,
    }


def test_memory_is_the_sum_of_what_the_kernel_says_of_each_process(tmp_path):
    for pid, rss in ((11, 1000), (12, 500)):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "smaps_rollup").write_text(
            f"00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss: {rss} kB\nPss: {rss // 2} kB\n"
            "Pss_Dirty: 1 kB\n",
            "utf-8",
        )
    assert memory_of([11, 12], tmp_path) == Memory(rss=1.536, pss=0.768)
    assert memory_of([os.getpid()]).rss > memory_of([os.getpid()]).pss > 1


def test_a_board_whose_processor_has_no_name_is_named_itself(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nBogoMIPS\t: 108.00\n", "utf-8")
    (tmp_path / "meminfo").write_text("MemTotal:        1000000 kB\n", "utf-8")
    board = tmp_path / "model"
    board.write_bytes(b"Single Board Computer 5\0")
    machine = this_machine(tmp_path, board)
    assert machine.cpu == "Single Board Computer 5"
    assert machine.memory_mb == 1024


def test_what_cannot_be_measured_is_told_and_gives_the_code_one(tmp_path, capsys):
    def works():
        return [Figure("vision", 1.0, "×", 1.25)]

    def fails():
        raise KioskError("there is no display and no Xvfb", "Install the xvfb package")

    code = command.run(tmp_path / "out", {"the kiosk as a whole": fails, "vision": works})
    assert code == 1
    written = json.loads((tmp_path / "out" / "bench.json").read_text("utf-8"))
    assert [one["met"] for one in written["figures"]] == [None, True]
    assert "no Xvfb" in written["figures"][0]["note"]
    assert written["machine"] in capsys.readouterr().out


def test_one_group_can_be_measured_alone(tmp_path):
    def never():
        raise AssertionError("it was not asked for")

    measures = {"vision": never, "ledger": lambda: [Figure("commits", 1.0, "×", 0.8)]}
    assert command.run(tmp_path / "out", measures, only=["ledger"]) == 0
    written = json.loads((tmp_path / "out" / "bench.json").read_text("utf-8"))
    assert [one["name"] for one in written["figures"]] == ["commits"]


def test_a_group_that_there_is_not_is_told_before_anything_is_measured(tmp_path):
    with pytest.raises(KioskError) as told:
        command.run(tmp_path / "out", only=["moeny"])
    assert "money" in told.value.mend
    assert not (tmp_path / "out").exists()


def test_a_missed_budget_is_only_told(tmp_path):
    missed = {"scan": lambda: [Figure("scan", 100.0, "ms", 60)]}
    assert command.run(tmp_path / "out", missed) == 0


@pytest.mark.display
def test_the_empty_window_says_when_its_first_frame_was_drawn(tmp_path):
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is needed: apt install xvfb")
    command_line = [sys.executable, "-m", "kiosk.bench.bare_window", str(tmp_path), "320", "480"]
    with VirtualDisplay(320, 480) as display:
        before = time.monotonic() * 1000
        done = subprocess.run(
            command_line,
            env={**os.environ, "DISPLAY": display.name},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert before < float(done.stdout) < time.monotonic() * 1000


def test_the_vision_figures_are_read_from_their_own_process():
    try:
        frame, detect, _, whole, decision = looking.vision()
    except KioskError as error:
        pytest.skip(f"{error}: python -m models fetch")
    assert frame.measured is not None
    assert frame.measured > 0.5, "a frame cannot cost much less than the networks in it"
    assert "networks alone" in frame.note
    assert 0 < detect.measured < whole.measured
    assert decision.measured > 1000 * 4 / 15, "five frames, of which every second one is kept"


def test_the_faces_process_is_started_and_looks(tmp_path):
    start, decision, memory = looking.faces(tmp_path)
    assert 0 < start.measured < 30
    assert 0.2 < decision.measured < 30, "five frames of a camera of 30 a second"
    assert memory.measured > 30, "two runtimes and three networks"


def test_the_peers_are_pinned_by_hash_and_import_nothing_of_ours():
    lines = peers.REQUIREMENTS.read_text("ascii").splitlines()
    named = [line for line in lines if "==" in line]
    assert {line.partition("==")[0] for line in named} >= {"face-recognition", "insightface"}
    assert all(line.endswith("\\") for line in named)
    theirs = (peers.HERE / "theirs.py").read_text("utf-8")
    assert not re.search(r"(from|import) (kiosk|vision|models|hardware)", theirs)


def test_the_ledger_figure_leaves_its_directory_as_it_was(tmp_path):
    figure, steps = command.commits(tmp_path)
    assert figure.budget is Budget.AT_LEAST
    assert steps.limit is None
    assert steps.met is None
    assert figure.measured is not None
    assert figure.measured > 0
    assert list(Path(tmp_path).iterdir()) == []
