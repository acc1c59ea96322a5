"""Whatever the contract says arrives as it was said, and nothing else is taken for it."""

import json
import types
import typing
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.channel import (
    ChannelError,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    Refused,
    Token,
    TokenKind,
)
from kiosk.channels.gateway.calls import CALLS, Failure
from kiosk.channels.gateway.codec import read_answer, read_request, write_answer, write_request
from kiosk.domain.money import Money

PLAIN = {
    str: st.text(),
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    float: st.floats(-1e15, 1e15),
    bool: st.booleans(),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def values(hint) -> st.SearchStrategy:
    """Values of a kind of the contract, made from its fields by Hypothesis, not by the codec."""
    if isinstance(hint, types.UnionType):
        return st.one_of([values(one) for one in typing.get_args(hint)])
    if typing.get_origin(hint) is not None:
        return st.lists(values(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if hint in PLAIN:
        return PLAIN[hint]
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    fields = typing.get_type_hints(hint)
    return st.builds(hint, **{name: values(one) for name, one in fields.items()})


@pytest.mark.parametrize("call", CALLS)
@given(data=st.data())
def test_what_is_asked_and_answered_arrives_as_it_was_said(call, data):
    asked = [data.draw(values(kind)) for kind in CALLS[call].asks]
    assert read_request(call, write_request(asked)) == asked
    said = data.draw(values(CALLS[call].answers | Failure))
    assert read_answer(call, write_answer(said)) == said


@pytest.mark.parametrize("call", CALLS)
@given(data=st.data())
def test_anything_else_is_refused_or_is_an_answer_all_the_same(call, data):
    """A document with one place changed, to anything: read strictly, it writes as it came."""
    document = json.loads(write_answer(data.draw(values(CALLS[call].answers | Failure))))
    name = data.draw(st.sampled_from(sorted(document)))
    document[name] = data.draw(JSON)
    body = json.dumps(document).encode()
    try:
        said = read_answer(call, body)
    except ValueError:
        return
    assert json.loads(write_answer(said)) == document


@given(st.binary() | JSON.map(lambda one: json.dumps(one).encode()))
def test_no_bytes_break_the_reader(body):
    for call in CALLS:
        for read in (read_request, read_answer):
            try:
                read(call, body)
            except ValueError:
                continue
            assert (call, body.strip()) == ("check", b"[]")


@pytest.mark.parametrize(
    "error",
    [
        ChannelError("clock", "set it"),
        NotSent("no route", "look"),
        OutcomeUnknown("cut"),
        Refused("CODE", "no", "mend", "r1"),
    ],
)
def test_an_error_is_the_same_error_at_the_other_end(error):
    again = read_answer("pay", write_answer(Failure.of(error))).error()
    assert type(again) is type(error)
    assert vars(again) == vars(error)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b'"CNY"', b'"CNY","more":1'),
        lambda body: body.replace(b":100,", b":100.0,"),
        lambda body: body.replace(b":100,", b":true,"),
        lambda body: body.replace(b":100,", b":9007199254740992,"),
        lambda body: body.replace(b":100,", b":NaN,"),
        lambda body: body.replace(b'"CODE"', b'"CARD"'),
        lambda body: body.replace(b'"Token"', b'"PayOrder"'),
        lambda body: body[:-1],
        lambda body: b"[" * 100_000,
    ],
)
def test_a_request_that_is_not_right_is_refused_without_repeating_it(change):
    good = write_request([PayOrder("T1", Money(100), "b"), Token(TokenKind.CODE, "130000000000")])
    read_request("pay", good)
    with pytest.raises(ValueError, match=r"\w") as caught:
        read_request("pay", change(good))
    shown = repr(caught.value) + repr(caught.value.__cause__)
    assert "130000000000" not in shown
