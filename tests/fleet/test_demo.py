"""Three kiosks sell, tried as a new user would: numbers move, and both sides count the same."""

from __future__ import annotations

import re
import socket
import subprocess
import sys


def test_three_kiosks_pay_in_the_sandbox_and_are_counted_as_they_count_themselves(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["fleet.demo", "--folder", str(tmp_path), "--port", str(port), "--seconds", "9"]
    run = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
    told = [re.findall(r"(M\d/\d+): (\d+) paid", line) for line in run.stdout.splitlines()]
    moves = [sum(int(paid) for _, paid in line) for line in told if line]
    assert moves[0] < moves[-1]
    assert re.search(
        r"console at http://127\.0\.0\.1:\d+\n  user provider, pass phrase", run.stdout
    )
    assert re.search(r"^code \d{6} ", run.stdout, re.MULTILINE)
    assert "of 3 devices are the same on both sides" in run.stdout
