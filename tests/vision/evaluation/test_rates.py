from __future__ import annotations

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.evaluation.rates import Rate, trials_for

rates = st.integers(1, 300).flatmap(
    lambda of: st.builds(Rate, st.integers(0, of), st.just(of)),
)


def at_most(hits, of, p):
    return sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(hits + 1))


@settings(deadline=None, max_examples=60)
@given(rates)
def test_the_share_lies_within_its_bounds(rate):
    assert 0 <= rate.low <= rate.share <= rate.high <= 1


@settings(deadline=None, max_examples=60)
@given(rates)
def test_at_the_bounds_what_was_seen_is_as_unlikely_as_promised(rate):
    tail = 0.05 if rate.hits in (0, rate.of) else 0.025
    if rate.hits < rate.of:
        assert at_most(rate.hits, rate.of, rate.high) == pytest.approx(tail, rel=1e-6)
    if rate.hits:
        assert 1 - at_most(rate.hits - 1, rate.of, rate.low) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 90, 0.0, 0.0327), (3, 300, 0.0021, 0.0289), (5, 10, 0.1871, 0.8129), (7, 7, 0.6518, 1)],
)
def test_the_bounds_are_those_of_the_published_tables(hits, of, low, high):
    rate = Rate(hits, of)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("of", [30, 300, 3000])
def test_where_nothing_was_seen_it_is_the_rule_of_three(of):
    assert Rate(0, of).high == pytest.approx(3 / of, rel=0.06)


def test_so_many_trials_without_a_hit_show_the_share_and_one_fewer_does_not():
    assert trials_for(0.01) == 299
    assert Rate(0, 299).high <= 0.01 < Rate(0, 298).high


def test_a_rate_says_its_counts_and_bounds():
    assert str(Rate(0, 90)) == "0.0% (0 of 90; ≤ 3.3%)"
    assert str(Rate(3, 300)) == "1.0% (3 of 300; 0.2% to 2.9%)"
    assert str(Rate(0, 0)) == "no trials"


@pytest.mark.parametrize("pair", [(-1, 5), (6, 5)])
def test_more_hits_than_trials_are_no_rate(pair):
    with pytest.raises(ValueError, match="no rate"):
        Rate(*pair)
