from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.drawer import COUNT, KINDS, MOST, NotThere, counted, moved, worth


@pytest.mark.parametrize(
    ("pieces", "fen"),
    [({}, 0), ({10_000: 3, 100: 12, 10: 5}, 31_250), ({50: 1}, 50), ({10_000: MOST}, 99_990_000)],
)
def test_pieces_are_worth_what_stands_on_them(pieces, fen):
    assert worth(pieces) == fen


@pytest.mark.parametrize("pieces", [{200: 1}, {100: -1}, {100: MOST + 1}, {0: 1}])
def test_a_piece_that_there_is_not_is_refused(pieces):
    with pytest.raises(ValueError, match="pieces"):
        worth(pieces)


@pytest.mark.parametrize(
    ("why", "fen", "held", "moves"),
    [("float", 500, 0, 500), ("pay_in", 500, 0, 500), ("pay_out", 500, 500, -500)],
)
def test_what_goes_in_counts_up_and_what_goes_out_down(why, fen, held, moves):
    assert moved(why, fen, held) == {"why": why, "fen": moves}


@pytest.mark.parametrize(
    ("why", "fen"), [("pay_in", 0), ("pay_in", -5), ("sale", 5), ("pay_in", 10_000_001)]
)
def test_a_move_that_cannot_be_meant_is_refused(why, fen):
    with pytest.raises(ValueError, match=why):
        moved(why, fen, 100)


def test_no_more_goes_out_than_is_there():
    with pytest.raises(NotThere) as lacking:
        moved("pay_out", 501, 500)
    assert lacking.value.fen == 500


@given(st.dictionaries(st.sampled_from(KINDS), st.integers(0, 500)), st.integers(-5000, 5_000_000))
def test_after_a_count_the_drawer_holds_what_was_counted(pieces, held):
    body = counted(pieces, held)
    assert body["why"] == COUNT
    assert held + body["fen"] == body["counted_fen"] == worth(pieces)
    assert worth({int(kind): count for kind, count in body["pieces"].items()}) == worth(pieces)
