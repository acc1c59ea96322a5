"""The state machine, against a list that was written from the rules and not from the code."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.money import Money
from kiosk.domain.payment import (
    FINAL,
    Approved,
    Authenticate,
    Cancel,
    Contradiction,
    Declined,
    Event,
    FoundPaid,
    GiveUp,
    Method,
    NotInTable,
    PayError,
    Payment,
    Restarted,
    Reversed,
    State,
    Store,
    Submit,
    Unclear,
    Unsent,
    Waiting,
    WriteOff,
    advance,
    event_from_json,
    event_to_json,
)

EVENTS: dict[str, Event] = {
    "Authenticate": Authenticate(),
    "Submit": Submit(5),
    "Store": Store(),
    "Approved": Approved("T1", 100),
    "Declined": Declined("NOTENOUGH", "余额不足"),
    "Waiting": Waiting("USERPAYING"),
    "PayError": PayError("PAYERROR"),
    "Unsent": Unsent("refused"),
    "Unclear": Unclear("time-out"),
    "GiveUp": GiveUp("deadline"),
    "Reversed": Reversed(),
    "FoundPaid": FoundPaid("T1", 100),
    "Cancel": Cancel("left"),
    "WriteOff": WriteOff("expired"),
    "Restarted": Restarted(),
}

# state, event, state after; every other pair is refused
EDGES = """
NEW            Authenticate AUTHENTICATING
NEW            Submit       PAYING
NEW            Store        STORED
NEW            Cancel       CANCELLED
NEW            Restarted    CANCELLED
AUTHENTICATING Submit       PAYING
AUTHENTICATING Store        STORED
AUTHENTICATING Cancel       CANCELLED
AUTHENTICATING Restarted    CANCELLED
PAYING         Approved     PAID
PAYING         Declined     DECLINED
PAYING         Unsent       CANCELLED
PAYING         Waiting      PENDING
PAYING         Unclear      UNKNOWN
PAYING         PayError     REVERSING
PAYING         Restarted    UNKNOWN
PENDING        Approved     PAID
PENDING        Declined     DECLINED
PENDING        Unclear      UNKNOWN
PENDING        PayError     REVERSING
PENDING        GiveUp       REVERSING
PENDING        Restarted    UNKNOWN
UNKNOWN        Approved     PAID
UNKNOWN        Declined     DECLINED
UNKNOWN        Waiting      PENDING
UNKNOWN        PayError     REVERSING
UNKNOWN        GiveUp       REVERSING
REVERSING      Reversed     REVERSED
REVERSING      FoundPaid    PAID_LATE
STORED         Approved     PAID
STORED         WriteOff     LOST
STORED         Cancel       CANCELLED
"""

# the same fact again: allowed, and nothing changes
SAME = """
PENDING   Waiting
UNKNOWN   Unclear
UNKNOWN   Restarted
REVERSING Restarted
STORED    Restarted
PAID      Approved
PAID      FoundPaid
PAID_LATE Approved
PAID_LATE FoundPaid
DECLINED  Declined
REVERSED  Reversed
PAID      Restarted
DECLINED  Restarted
CANCELLED Restarted
REVERSED  Restarted
PAID_LATE Restarted
LOST      Restarted
"""

# a success after another end: somebody must look at the money
AGAINST = """
DECLINED  Approved
DECLINED  FoundPaid
CANCELLED Approved
CANCELLED FoundPaid
REVERSED  Approved
REVERSED  FoundPaid
LOST      Approved
LOST      FoundPaid
"""


def _pairs(table):
    return [tuple(line.split()) for line in table.split("\n") if line]


def _in(state):
    state = State[state]
    taken = state in (State.PAID, State.PAID_LATE)
    return Payment(
        out_trade_no="000126030112345648151623",
        visit_id="v",
        channel="wechatpay",
        method=Method.FACE,
        amount=Money(100),
        created_ms=1,
        state=state,
        transaction_id="T1" if taken else "",
        taken_fen=100 if taken else 0,
    )


@pytest.mark.parametrize(("state", "event", "after"), _pairs(EDGES))
def test_every_edge_of_the_state_machine_leads_where_the_rules_say(state, event, after):
    assert advance(_in(state), EVENTS[event]).state.name == after


SAYS = {
    "Submit": {"submitted_ms": 5},
    "Approved": {"transaction_id": "T1", "taken_fen": 100},
    "FoundPaid": {"transaction_id": "T1", "taken_fen": 100},
    "Declined": {"code": "NOTENOUGH", "message": "余额不足"},
    "Waiting": {"code": "USERPAYING"},
    "PayError": {"code": "PAYERROR"},
    "Unsent": {"code": "refused"},
    "Unclear": {"code": "time-out"},
    "GiveUp": {"code": "deadline"},
    "Cancel": {"code": "left"},
    "WriteOff": {"code": "expired"},
}


@pytest.mark.parametrize(("state", "event", "after"), _pairs(EDGES))
def test_an_event_changes_what_it_says_and_nothing_else(state, event, after):
    """Every field has a value of its own, so that one that is lost or swapped is seen."""
    payment = Payment(
        "1", "v", "alipay", Method.QR, Money(100), 2, State[state], 3, "T0", "C0", "M0", 4
    )
    said = {"state": State[after], **SAYS.get(event, {})}
    assert advance(payment, EVENTS[event]) == replace(payment, **said)


@pytest.mark.parametrize(("state", "event"), _pairs(SAME))
def test_the_same_fact_again_answers_the_very_same_payment(state, event):
    payment = _in(state)
    assert advance(payment, EVENTS[event]) is payment


@pytest.mark.parametrize(("state", "event"), _pairs(AGAINST))
def test_a_success_after_another_end_is_a_contradiction(state, event):
    with pytest.raises(Contradiction):
        advance(_in(state), EVENTS[event])


def test_every_other_pair_is_refused():
    listed = {(s, e) for s, e, _ in _pairs(EDGES)} | set(_pairs(SAME)) | set(_pairs(AGAINST))
    others = set(itertools.product((state.name for state in State), EVENTS)) - listed
    assert len(listed) + len(others) == len(State) * len(EVENTS)
    for state, event in sorted(others):
        with pytest.raises(NotInTable):
            advance(_in(state), EVENTS[event])


def test_every_event_has_a_row_in_these_tables():
    assert {type(event) for event in EVENTS.values()} == set(Event.__args__)


@pytest.mark.parametrize("state", ["PAYING", "PENDING", "UNKNOWN", "STORED"])
def test_another_amount_than_was_asked_is_a_contradiction(state):
    with pytest.raises(Contradiction):
        advance(_in(state), Approved("T1", 99))


@pytest.mark.parametrize("state", ["PAID", "PAID_LATE"])
@pytest.mark.parametrize("fact", [Approved("T2", 100), Approved("T1", 99), FoundPaid("T2", 100)])
def test_a_second_charge_or_amount_for_one_payment_is_a_contradiction(state, fact):
    with pytest.raises(Contradiction):
        advance(_in(state), fact)


def test_what_cannot_be_undone_is_owed_back_as_it_is_whatever_the_amount():
    late = advance(_in("REVERSING"), FoundPaid("T9", 250))
    assert (late.state, late.taken_fen, late.transaction_id) == (State.PAID_LATE, 250, "T9")


events = st.one_of(
    st.sampled_from(sorted(EVENTS.values(), key=repr)),
    st.builds(Approved, st.sampled_from(["T1", "T2"]), st.sampled_from([99, 100])),
    st.builds(FoundPaid, st.sampled_from(["T1", "T2"]), st.sampled_from([99, 100])),
)


@given(st.lists(events, max_size=30))
def test_no_sequence_of_events_leaves_a_final_state(sequence):
    payment = _in("NEW")
    for event in sequence:
        before = payment
        try:
            payment = advance(before, event)
        except (NotInTable, Contradiction):
            payment = before
        if before.state in FINAL:
            assert payment == before


@given(events)
def test_an_event_comes_back_from_its_json_form(event):
    assert event_from_json(event_to_json(event)) == event


@pytest.mark.parametrize(
    "body", [{}, {"event": "Nothing"}, {"event": "Submit"}, {"event": "Store", "x": 1}]
)
def test_json_that_is_no_event_is_refused(body):
    with pytest.raises(ValueError, match="not a payment event"):
        event_from_json(body)
