"""Whatever ends where, all visits together never get more than the budget."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.budgets import Budgets, NotHeld
from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State

BUDGET = 100


def payment(number, visit, state=State.NEW):
    return Payment(number, visit, "wechatpay", Method.CODE, Money(1), 0, state=state)


@dataclass(frozen=True)
class Step:
    """A visit that wants `fen`: where it is cut, and how its payments end (None: still open)."""

    fen: int
    ends: tuple[State | None, ...]
    opened: bool
    crash: bool


ENDS = (None, State.PAID, State.DECLINED, State.CANCELLED, State.REVERSED, State.PAID_LATE)
steps = st.builds(
    Step,
    st.integers(1, 60),
    st.lists(st.sampled_from(ENDS), min_size=1, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(steps, max_size=6), st.booleans())
def test_no_crash_and_no_late_answer_gives_more_than_the_budget(tmp_path_factory, visits, late):
    path = tmp_path_factory.mktemp("budgets") / "budgets.json"
    ledger, wanted = {}, {}
    budgets = Budgets(path)
    for nth, step in enumerate(visits):
        visit = f"v{nth}"
        fen = min(step.fen, budgets.left("luck", BUDGET, ledger.get))
        if not fen:
            continue
        for at, end in enumerate(step.ends):
            number = f"{nth}-{at}"
            budgets.hold("luck", BUDGET, payment(number, visit), fen)
            if step.crash:
                budgets = Budgets(path)
            if not step.opened:
                break  # it was held, and the power went before the ledger wrote
            ledger[number] = payment(number, visit, end or State.UNKNOWN)
            wanted[visit] = fen
    if late:  # whatever is open was paid after all
        for number, each in ledger.items():
            if not each.final:
                ledger[number] = payment(number, each.visit_id, State.PAID)
    paid = {each.visit_id for each in ledger.values() if each.state is State.PAID}
    given_away = sum(wanted[visit] for visit in paid)
    assert given_away <= BUDGET
    left = Budgets(path).left("luck", BUDGET, ledger.get)
    still = {x.visit_id for x in ledger.values() if not x.final} | paid
    assert left == BUDGET - sum(wanted[visit] for visit in still)


def test_more_than_is_left_is_not_held(tmp_path):
    budgets = Budgets(tmp_path / "budgets.json")
    budgets.hold("luck", BUDGET, payment("1", "v1"), 60)
    with pytest.raises(NotHeld, match="is spent"):
        budgets.hold("luck", BUDGET, payment("2", "v2"), 41)
    budgets.hold("luck", BUDGET, payment("3", "v2"), 40)
    budgets.hold("luck", BUDGET, payment("4", "v2"), 40)  # of the same visit
    assert Budgets(tmp_path / "budgets.json").left("other", 7, {}.get) == 7
    assert budgets.knows("luck") == BUDGET
    assert budgets.knows("other") is None


def test_a_ledger_that_cannot_be_asked_leaves_nothing(tmp_path):
    budgets = Budgets(tmp_path / "budgets.json")
    budgets.hold("luck", BUDGET, payment("1", "v1"), 60)

    def broken(_number):
        raise NotHeld("no ledger")

    assert budgets.left("luck", BUDGET, broken) == 0
    assert budgets.left("luck", BUDGET, {}.get) == BUDGET
