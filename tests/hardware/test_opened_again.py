"""A line whose program died, opened by the next one: what it was set to stands there already."""

from __future__ import annotations

import pytest

from hardware.pseudo import PseudoTerminal
from hardware.transport import open_serial


@pytest.mark.parametrize("parity", ["N", "E"])
def test_a_line_that_is_set_already_opens_again(tmp_path, parity):
    line = PseudoTerminal(tmp_path / "line")
    line.plug()
    try:
        for _ in range(3):
            open_serial("scale", str(tmp_path / "line"), parity=parity).close()
    finally:
        line.unplug()
