"""A process that crashes leaves nothing of its memory behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = """
import os, resource
from kiosk.dumps import forbid_dumps
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
{forbid}
os.abort()
"""


def crashed(folder, forbid):
    done = subprocess.run(
        [sys.executable, "-c", CRASH.format(forbid=forbid)], cwd=folder, env=path(), check=False
    )
    assert done.returncode == -signal.SIGABRT
    return [found.name for found in folder.iterdir()]


def path():
    return {**os.environ, "PYTHONPATH": str(Path.cwd())}


@pytest.mark.skipif(
    Path("/proc/sys/kernel/core_pattern").read_text().startswith(("|", "/")),
    reason="this kernel writes core files elsewhere",
)
def test_without_it_a_crash_would(tmp_path):
    assert crashed(tmp_path, "") != []


def test_a_crash_writes_no_core_file(tmp_path):
    assert crashed(tmp_path, "forbid_dumps()") == []


def test_the_kernel_says_so_of_the_process():
    asked = (
        "import ctypes, resource; from kiosk.dumps import forbid_dumps; forbid_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0) 0"
