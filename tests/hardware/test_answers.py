"""What a printer sends back. Bytes: Epson and Citizen command manuals, DLE EOT and GS a."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.devices import Condition, PrinterStatus
from hardware.printers.answers import (
    LONGEST_BLOCK,
    AnswerSorter,
    AutomaticStatus,
    Block,
    Realtime,
    Single,
)
from hardware.printers.status import from_automatic, health_of, with_realtime

GOOD, BAD, UNKNOWN = Condition.GOOD, Condition.BAD, Condition.UNKNOWN


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        ("12", [Realtime(0x12)]),
        ("1E 72", [Realtime(0x1E), Realtime(0x72)]),
        ("37 22 30303031 00", [Block(0x37, b"\x220001")]),
        ("5F 4550534F4E 00", [Block(0x5F, b"EPSON")]),
        ("38000000", [AutomaticStatus(b"\x38\0\0\0")]),
        ("18000F0F", [AutomaticStatus(b"\x18\0\x0f\x0f")]),
        ("00 03", [Single(0), Single(3)]),
        ("11 13", []),
        ("37 22 3030 13 3031 11 00", [Block(0x37, b"\x220001")]),  # XOFF falls inside a block
        ("10 00 12", [Realtime(0x12)]),  # an automatic status that was cut short
        ("FF 80", []),
    ],
)
def test_mixed_answers_are_told_apart(data, answers):
    assert AnswerSorter().feed(bytes.fromhex(data)) == answers


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_random_bytes_never_fail_and_splitting_changes_nothing(parts):
    at_once = AnswerSorter().feed(b"".join(parts))
    sorter = AnswerSorter()
    assert [answer for part in parts for answer in sorter.feed(part)] == at_once


@given(st.binary(max_size=300))
def test_the_sorter_recovers_after_any_noise(noise):
    sorter = AnswerSorter()
    sorter.feed(noise)
    sorter.feed(b"\x00" * 4)
    assert sorter.feed(b"\x12")[-1:] == [Realtime(0x12)]


@given(st.integers(0, 255), st.integers(1, 4), st.binary(min_size=4, max_size=4))
def test_any_answer_is_three_valued_facts_and_a_sentence(byte, number, automatic):
    for status in (with_realtime(PrinterStatus(), number, byte), from_automatic(automatic)):
        health = health_of(status)
        assert health.condition is GOOD or health.cause
        assert health.condition is not BAD or health.mend
    assert from_automatic(automatic) != PrinterStatus(), "automatic status always tells something"


@given(st.binary(max_size=2000))
def test_a_block_without_an_end_is_bounded(noise):
    sorter = AnswerSorter()
    sorter.feed(b"\x37" + noise.replace(b"\x00", b"x"))
    assert len(sorter._pending) <= LONGEST_BLOCK


@pytest.mark.parametrize(
    ("request_number", "byte", "fact", "condition"),
    [
        (1, 0x12, "online", GOOD),
        (1, 0x1E, "online", BAD),
        (2, 0x12, "cover", GOOD),
        (2, 0x16, "cover", BAD),
        (2, 0x32, "paper", BAD),
        (2, 0x12, "paper", UNKNOWN),  # only request 4 tells that there is paper
        (3, 0x12, "cutter", GOOD),
        (3, 0x1A, "cutter", BAD),
        (4, 0x12, "paper", GOOD),
        (4, 0x1E, "near_end", BAD),
        (4, 0x1E, "paper", GOOD),
        (4, 0x72, "paper", BAD),
        (4, 0x72, "near_end", GOOD),  # a make without near-end sensor
        (4, 0x7E, "paper", BAD),
    ],
)
def test_each_bit_is_one_fact(request_number, byte, fact, condition):
    status = with_realtime(PrinterStatus(), request_number, byte)
    assert getattr(status, fact) is condition


def test_a_paper_end_seen_once_is_not_forgotten_by_the_next_answer():
    status = with_realtime(PrinterStatus(), 2, 0x32)
    assert with_realtime(status, 4, 0x12).paper is BAD


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        ("10000000", PrinterStatus(GOOD, GOOD, GOOD, GOOD, GOOD)),
        ("10000300", PrinterStatus(GOOD, GOOD, BAD, GOOD, GOOD)),
        ("38000000", PrinterStatus(BAD, GOOD, GOOD, BAD, GOOD)),
        ("18000F00", PrinterStatus(BAD, BAD, BAD, GOOD, GOOD)),
        ("18080000", PrinterStatus(BAD, GOOD, GOOD, GOOD, BAD)),
    ],
)
def test_automatic_status_is_read_bit_by_bit(data, facts):
    assert from_automatic(bytes.fromhex(data)) == facts


def test_the_worst_fact_is_told_with_its_mend():
    health = health_of(PrinterStatus(online=BAD, paper=BAD, cover=GOOD))
    assert health.condition is BAD
    assert "paper" in health.cause
    assert "roll" in health.mend


def test_nothing_answered_is_unknown_and_never_good():
    assert health_of(PrinterStatus()).condition is UNKNOWN


def test_near_end_calls_for_a_roll_without_stopping():
    health = health_of(PrinterStatus(GOOD, GOOD, BAD, GOOD, GOOD))
    assert health.condition is GOOD
    assert health.mend
