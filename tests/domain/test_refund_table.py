"""The state machine of a refund, against a list that was written from the rules."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.money import Money
from kiosk.domain.payment import Contradiction, NotInTable, Restarted
from kiosk.domain.refund import (
    Refund,
    RefundAbnormal,
    RefundAccepted,
    RefundClosed,
    RefundDone,
    RefundEvent,
    RefundState,
    RefundUnclear,
    SendRefund,
    WithdrawRefund,
    advance_refund,
    refund_event_from_json,
    refund_event_to_json,
    refund_number,
)

EVENTS: dict[str, RefundEvent] = {
    "Send": SendRefund(5),
    "Accepted": RefundAccepted("50"),
    "Done": RefundDone("50", 30),
    "Closed": RefundClosed("C", "退款失败"),
    "Abnormal": RefundAbnormal("C"),
    "Unclear": RefundUnclear("C"),
    "Withdraw": WithdrawRefund("C"),
    "Restarted": Restarted(),
}

# state, event, state after; every other pair is refused
EDGES = """
REQUESTED  Send      SENT
REQUESTED  Withdraw  CLOSED
SENT       Accepted  PROCESSING
SENT       Done      DONE
SENT       Closed    CLOSED
SENT       Abnormal  ABNORMAL
SENT       Unclear   UNKNOWN
SENT       Restarted UNKNOWN
UNKNOWN    Send      SENT
UNKNOWN    Accepted  PROCESSING
UNKNOWN    Done      DONE
UNKNOWN    Closed    CLOSED
UNKNOWN    Abnormal  ABNORMAL
PROCESSING Done      DONE
PROCESSING Closed    CLOSED
PROCESSING Abnormal  ABNORMAL
ABNORMAL   Accepted  PROCESSING
ABNORMAL   Done      DONE
ABNORMAL   Closed    CLOSED
"""

# the same fact again, or one that adds nothing: allowed, and nothing changes
SAME = """
REQUESTED  Restarted
REQUESTED  Unclear
UNKNOWN    Restarted
UNKNOWN    Unclear
PROCESSING Restarted
PROCESSING Unclear
PROCESSING Accepted
ABNORMAL   Restarted
ABNORMAL   Unclear
ABNORMAL   Abnormal
DONE       Restarted
DONE       Accepted
DONE       Done
CLOSED     Restarted
CLOSED     Accepted
CLOSED     Closed
"""

# an end after another end: somebody must look at the money
AGAINST = """
DONE   Closed
CLOSED Done
"""

SAYS = {
    "Send": {"sent_ms": 5},
    "Accepted": {"refund_id": "50"},
    "Done": {"refund_id": "50"},
    "Closed": {"code": "C"},
    "Abnormal": {"code": "C"},
    "Unclear": {"code": "C"},
    "Withdraw": {"code": "C"},
}


def _pairs(table):
    return [tuple(line.split()) for line in table.split("\n") if line]


def _in(state, refund_id="", code=""):
    return Refund(
        out_refund_no="1R1",
        out_trade_no="1",
        channel="wechatpay",
        paid=Money(100),
        amount=Money(30),
        reason="broken",
        created_ms=2,
        state=RefundState[state],
        sent_ms=4,
        refund_id=refund_id,
        code=code,
    )


@pytest.mark.parametrize(("state", "event", "after"), _pairs(EDGES))
def test_every_edge_leads_where_the_rules_say_and_changes_what_it_says(state, event, after):
    refund = _in(state, "49", "B")
    said = {"state": RefundState[after], **SAYS.get(event, {})}
    assert advance_refund(refund, EVENTS[event]) == replace(refund, **said)


@pytest.mark.parametrize(("state", "event"), _pairs(SAME))
def test_the_same_fact_again_changes_nothing(state, event):
    refund = _in(state, "50", "C")
    assert advance_refund(refund, EVENTS[event]) == refund


@pytest.mark.parametrize(("state", "event"), _pairs(AGAINST))
def test_an_end_after_another_end_is_a_contradiction(state, event):
    with pytest.raises(Contradiction):
        advance_refund(_in(state), EVENTS[event])


def test_every_other_pair_is_refused():
    listed = {(s, e) for s, e, _ in _pairs(EDGES)} | set(_pairs(SAME)) | set(_pairs(AGAINST))
    others = set(itertools.product((state.name for state in RefundState), EVENTS)) - listed
    assert len(listed) + len(others) == len(RefundState) * len(EVENTS)
    for state, event in sorted(others):
        with pytest.raises(NotInTable):
            advance_refund(_in(state), EVENTS[event])


def test_every_event_has_a_row_in_these_tables():
    assert {type(event) for event in EVENTS.values()} == set(RefundEvent.__args__)


@pytest.mark.parametrize("state", [state.name for state in RefundState])
@pytest.mark.parametrize("fen", [29, 31, 100])
def test_another_amount_than_was_asked_for_is_a_contradiction(state, fen):
    with pytest.raises(Contradiction):
        advance_refund(_in(state), RefundDone("50", fen))


events = st.one_of(
    st.sampled_from(sorted(EVENTS.values(), key=repr)),
    st.builds(RefundDone, st.sampled_from(["50", "51"]), st.sampled_from([29, 30])),
)


@given(st.lists(events, max_size=30))
def test_no_sequence_of_events_leaves_a_final_state(sequence):
    refund = _in("REQUESTED")
    for event in sequence:
        before = refund
        try:
            refund = advance_refund(before, event)
        except (NotInTable, Contradiction):
            refund = before
        if before.final:
            assert refund == before


@given(events)
def test_an_event_comes_back_from_its_json_form(event):
    assert refund_event_from_json(refund_event_to_json(event)) == event


@pytest.mark.parametrize("body", [{}, {"event": "Submit", "at_ms": 1}, {"event": "SendRefund"}])
def test_json_that_is_no_event_of_a_refund_is_refused(body):
    with pytest.raises(ValueError, match="not a refund event"):
        refund_event_from_json(body)


@pytest.mark.parametrize("fen", [0, -1, 101])
def test_a_refund_is_of_some_money_and_at_most_what_was_paid(fen):
    with pytest.raises(ValueError, match="1R1"):
        replace(_in("REQUESTED"), amount=Money(fen))


def test_two_tills_make_the_same_number_for_the_same_refund():
    assert [refund_number("1", index) for index in (1, 2)] == ["1R1", "1R2"]
