"""The slip that is measured: it is the same one on both sides, and keeps its budgets."""

from __future__ import annotations

import pytest

from hardware.printers.profile import profile_for
from hardware.printers.stream import TokenStream
from kiosk.bench import slips
from kiosk.paper import job


def lines(data: bytes) -> list[str]:
    """What stands on the paper: the texts of the lines, in order."""
    stream, found, line = TokenStream(), [], b""
    stream.feed(data)
    for token in stream:
        if token.op == b"\n":
            found.append(line.decode("gb18030"))
            line = b""
        elif token.is_text:
            line += token.args
    return found


def test_both_make_the_same_lines():
    ours = lines(job(slips.SLIP, profile_for(80)))
    assert len(ours) == slips.LINES == 20
    assert lines(slips.theirs())[:20] == ours


@pytest.mark.parametrize("paper", [58, 80])
def test_a_slip_without_logo_is_three_kilobytes_at_most(paper):
    assert len(job(slips.SLIP, profile_for(paper))) <= 3000


def test_a_slip_is_made_within_three_milliseconds_and_faster_than_by_python_escpos():
    best = min((slips.measure(40) for _ in range(3)), key=lambda figures: figures[0].measured)
    assert {figure.name: figure.met for figure in best} == dict.fromkeys(
        ("a slip of 20 lines as bytes", "python-escpos ÷ ours", "size of that slip"), True
    )
