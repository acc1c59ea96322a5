from __future__ import annotations

import hashlib
import json
import random
import re
from enum import IntEnum, StrEnum

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.entry import (
    GENESIS,
    canonical,
    entry_from_json,
    entry_to_json,
    follow,
    verify,
)
from kiosk.domain.number import new_trade_no


def _is_utf8(body):
    try:
        canonical(body)
    except ValueError:
        return False
    return True


bodies = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each),
        max_leaves=6,
    ),
    max_size=4,
).filter(_is_utf8)


def _chain(kept):
    chain = []
    for at, body in enumerate(kept):
        last = chain[-1] if chain else None
        chain.append(follow(last, 1000 + at, "visit", f"k{at}", body))
    return chain


def test_the_hash_is_what_anybody_would_compute():
    entry = follow(None, 1772340896000, "visit", "v1", {"b": 1, "a": "茶"})
    assert entry.prev == GENESIS
    assert entry.hash == _by_hand(f'[1,1772340896000,"visit","v1",{{"a":"茶","b":1}},"{GENESIS}"]')


def _by_hand(text):
    return hashlib.sha256(text.encode()).hexdigest()


@given(st.lists(bodies, max_size=6))
def test_a_chain_as_it_was_written_holds_and_goes_through_json(kept):
    chain = _chain(kept)
    assert list(verify(chain)) == []
    assert [entry_from_json(entry_to_json(entry)) for entry in chain] == chain


@given(st.lists(bodies, min_size=1, max_size=4), st.data())
def test_any_flipped_bit_in_a_kept_line_is_found(kept, data):
    lines = [bytearray(entry_to_json(entry).encode()) for entry in _chain(kept)]
    line = data.draw(st.sampled_from(lines))
    before = bytes(line)
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= 1 << data.draw(st.integers(0, 7))
    assume(line != before)
    try:
        chain = [entry_from_json(each.decode()) for each in lines]
    except ValueError:
        return  # it is not even an entry any more
    # The same JSON value in another spelling is the same entry; anything else must be found.
    assume([entry_to_json(entry).encode() for entry in chain] == [bytes(x) for x in lines])
    assert list(verify(chain))


@given(st.lists(bodies, min_size=2, max_size=6), st.data())
def test_an_entry_that_is_dropped_or_moved_is_found(kept, data):
    chain = _chain(kept)
    at = data.draw(st.integers(0, len(chain) - 2))
    assert list(verify(chain[:at] + chain[at + 1 :]))
    chain[at], chain[at + 1] = chain[at + 1], chain[at]
    assert list(verify(chain))


def test_a_part_of_a_chain_is_checked_against_the_entry_before():
    chain = _chain([{}, {"a": 1}, {"a": 2}])
    assert list(verify(chain[1:], chain[0])) == []
    assert [fault.seq for fault in verify(chain[2:], chain[0])] == [3, 3]


class _Colour(StrEnum):
    RED = "red"


class _Number(IntEnum):
    ONE = 1


def test_canonical_json_is_sorted_without_spaces_and_keeps_every_character():
    value = {
        "茶": [1, (True, None)],
        "a": {"c": '\u2028"', "b": -0},
        "A": [_Colour.RED, _Number.ONE],
    }
    text = '{"A":["red",1],"a":{"b":0,"c":"\u2028\\""},"茶":[1,[true,null]]}'
    assert canonical(value) == text


def test_a_body_that_contains_itself_is_refused():
    body = {}
    body["again"] = [body]
    with pytest.raises(RecursionError):
        canonical(body)


def test_an_entry_is_the_same_whoever_made_its_text():
    body = {"b": '"茶\n', "a": [1]}
    last = follow(None, 1, "visit", "v", {})
    assert follow(last, 2, 'k"', "茶", body, canonical(body)) == follow(last, 2, 'k"', "茶", body)
    assert list(verify([follow(last, 2, 'k"', "茶", body, "{}")], last))  # another text is seen


@pytest.mark.parametrize(
    "body",
    [
        {"fen": 1.5},
        {"x": [{"y": 0.0}]},
        {"x": ({"y": float("nan")},)},
        {1: 2},
        {"x": {None: 1}},
        {"x": b"bytes"},
        {"x": {1, 2}},
    ],
)
def test_fractions_and_what_json_does_not_have_are_refused(body):
    with pytest.raises(TypeError):
        canonical(body)


def test_half_a_character_is_refused():
    with pytest.raises(ValueError, match="half a character"):
        canonical({"x": "\ud83d"})


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", '"x"', json.dumps({"seq": "1"}), "[" * 100_000, "nonsense"]
)
def test_a_line_that_is_no_entry_is_refused(line):
    with pytest.raises(ValueError, match=r"."):
        entry_from_json(line)


@given(
    st.text(max_size=12),
    st.integers(0, 4_102_444_800_000),
    st.integers(0, 2**32),
)
def test_a_number_is_24_digits_whatever_the_terminal_is_called(terminal, now_ms, seed):
    number = new_trade_no(terminal, now_ms, random.Random(seed).randrange)
    assert re.fullmatch(r"[0-9]{24}", number)


def test_a_number_tells_terminal_and_china_time():
    assert new_trade_no("K-07", 1772340896000, lambda n: n - 1) == "000726030112545699999999"


def test_a_disk_that_was_restored_gives_other_numbers_at_the_same_time():
    numbers = {new_trade_no("7", 0, random.Random(seed).randrange) for seed in range(500)}
    assert len(numbers) == 500
