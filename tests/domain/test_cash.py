"""What is handed over and what goes back, as tables and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.cash import MOST_CHANGE, change_of, paid_out, quick_amounts, taken, tendered


@pytest.mark.parametrize(
    ("due", "likely"),
    [
        (690, (690, 700, 1000, 2000, 5000, 10_000)),
        (6900, (6900, 7000, 8000, 10_000)),
        (19_860, (19_860, 19_900, 20_000)),
        (10_000, (10_000,)),
        (1, (1, 100, 1000, 2000, 5000, 10_000)),
    ],
)
def test_likely_amounts_are_the_exact_one_and_what_notes_make_of_it(due, likely):
    assert quick_amounts(due) == likely


@pytest.mark.parametrize(
    ("due", "handed", "change"),
    [
        (690, 690, 0),
        (690, 1000, 310),
        (690, 689, None),
        (690, 0, None),
        (690, -690, None),
        (690, 690 + MOST_CHANGE, MOST_CHANGE),
        (690, 691 + MOST_CHANGE, None),
    ],
)
def test_change_is_what_was_handed_over_beyond_what_is_due(due, handed, change):
    assert change_of(due, handed) == change


@given(st.integers(1, 10_000_000))
def test_every_likely_amount_is_enough_and_leaves_change_that_can_be_given(due):
    for amount in quick_amounts(due):
        assert change_of(due, amount) is not None


@given(st.integers(1, 10_000_000), st.integers(0, MOST_CHANGE))
def test_what_the_drawer_holds_more_is_what_was_due_whatever_was_handed_over(due, change):
    body = taken(due, due + change)
    assert body["fen"] == due
    assert tendered(body) - due == body["change_fen"] == change
    assert due + paid_out(due)["fen"] == 0
