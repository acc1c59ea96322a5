"""The spreadsheet and the table, character by character."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace

import pytest

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.difference import Cause, Repair
from kiosk.domain.ledger_line import LedgerLine
from kiosk.domain.money import Money
from kiosk.domain.payment import State
from kiosk.domain.reconcile import Finding
from kiosk.reconciling.sheet import COLUMNS, sheet
from kiosk.reconciling.table import SHOWN, Summary, as_text

NOON = 1_772_337_600_000  # 2026-03-01 12:00:00 in China
NUMBER = "000126030112000012345678"
LINE = LedgerLine(LineKind.PAYMENT, NUMBER, Money(1380), State.REVERSED, NOON, "10000001", "420000")
UNDONE = replace(LINE, kind=LineKind.REVERSAL, at_ms=NOON + 60_000)
ROW = BillLine(
    channel="wechatpay",
    kind=LineKind.PAYMENT,
    out_trade_no=NUMBER,
    transaction_id="420000",
    amount=Money(1380),
    at="2026-03-01 12:00:05",
    at_ms=NOON + 5000,
    state="SUCCESS",
    fee=Money(5),
    terminal="10000001",
)
GIVEN_BACK = replace(
    ROW, kind=LineKind.REVERSAL, state="REVOKED", refund_id="503000", fee=Money(-5)
)
REFUND = replace(
    GIVEN_BACK, kind=LineKind.REFUND, out_refund_no=f"{NUMBER}R1", amount=Money(80), state="SUCCESS"
)

# What stands in each row, cell by cell; a tab before what others wrote.
HEAD = "day,channel,books,verdict,cause,repair"
NUMBERS = "out_trade_no,out_refund_no,transaction_id,refund_id"
REST = "state_here,state_there,time_here,time_there,terminal"
DAY = '2026-03-01,wechatpay,"ledger, bill"'
THERE = "2026-03-01 12:00:05"
GOLDEN = f"""{HEAD},{NUMBERS},currency,here,there,difference,fee,{REST}
{DAY},matched,"taken, and undone on the same day",nothing to do,\
\t{NUMBER},,\t420000,\t503000,\tCNY,0.00,0.00,0.00,0.00,REVERSED + REVERSED,\tSUCCESS + REVOKED,\
2026-03-01 12:00:00 + 2026-03-01 12:01:00,\t{THERE} + {THERE},\t10000001
{DAY},missing here,refunded at another till or by the merchant at the channel,book the refund,\
\t{NUMBER},\t{NUMBER}R1,\t420000,\t503000,\tCNY,0.00,-0.80,-0.80,-0.05,,\tSUCCESS,,\t{THERE},\t10000001
{DAY},matched,"no money moved, and both say so",nothing to do,\
\t{NUMBER},,,,\tCNY,0.00,0.00,0.00,0.00,REVERSED,,2026-03-01 12:00:00,,\t10000001

"""


def written(path, *findings):
    with sheet(path, "2026-03-01", "wechatpay") as rows:
        for finding in findings:
            rows.put(finding)
    return path.read_bytes()


def test_the_sheet_says_all_that_is_known_of_a_number(tmp_path):
    found = written(
        tmp_path / "out.csv",
        Finding(Cause.TAKEN_AND_UNDONE, (LINE, UNDONE), (ROW, GIVEN_BACK)),
        Finding(Cause.REFUNDED_ELSEWHERE, (), (REFUND,)),
        Finding(Cause.NOT_TAKEN, (replace(LINE, transaction_id=""),), ()),
    )
    assert found.decode("utf-8-sig").split("\r\n") == GOLDEN.splitlines()


def test_the_documented_columns_are_the_written_ones(tmp_path):
    text = (
        sys.modules[sheet.__module__]
        .__doc__.partition("what stands in it\n")[2]
        .partition("\n\n")[0]
    )
    heads = [line[:34].strip() for line in text.splitlines()]
    assert tuple(", ".join(filter(None, heads)).split(", ")) == COLUMNS


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_text_of_others_is_never_a_formula(tmp_path, text):
    row = replace(ROW, out_trade_no=text, transaction_id=text, terminal=text, state=text)
    cells = written(tmp_path / "out.csv", Finding(Cause.NO_TRACE, (), (row,))).decode().split(",")
    assert cells.count(f"\t{text}") >= 3
    assert text not in cells


def test_a_line_break_in_a_text_of_others_stays_in_its_cell(tmp_path):
    path = tmp_path / "out.csv"
    written(path, Finding(Cause.NO_TRACE, (), (replace(ROW, out_trade_no='1\r\n"2"'),)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["out_trade_no"] == '\t1\r\n"2"'


def test_a_sheet_that_is_not_finished_leaves_the_old_one(tmp_path):
    path = tmp_path / "out.csv"
    before = written(path)
    with pytest.raises(AttributeError):
        written(path, Finding(Cause.NO_TRACE, (), (ROW,)), None)
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_bytes() == before


def test_the_table_shows_the_first_numbers_of_a_cause_and_counts_the_rest():
    summary = Summary()
    for index in range(SHOWN + 2):
        row = replace(ROW, out_trade_no=f"{index:024d}")
        summary.put(Finding(Cause.NO_TRACE, (), (row,)))
    lines = as_text(summary, "title").splitlines()
    assert lines[0] == "title"
    assert lines[-1] == "  … and 2 more"
    assert sum(line.startswith("  0000") for line in lines) == SHOWN
    assert summary.differs


def test_sums_of_another_currency_stand_apart():
    summary = Summary()
    summary.put(Finding(Cause.NO_TRACE, (), (replace(ROW, amount=Money(123456789, "HKD")),)))
    summary.put(Finding(Cause.REFUNDED_ELSEWHERE, (), (REFUND,)))
    assert as_text(summary, "").splitlines()[2:6] == [
        "missing here              1           0.00          -0.80          -0.80",
        "all                       1           0.00          -0.80          -0.80",
        "missing here HKD          1           0.00   1,234,567.89   1,234,567.89",
        "all HKD                   1           0.00   1,234,567.89   1,234,567.89",
    ]


def test_what_a_terminal_would_obey_is_not_written_to_it():
    summary = Summary()
    summary.put(Finding(Cause.NO_TRACE, (), (replace(ROW, out_trade_no="\x1b[2J\u202e1"),)))
    text = as_text(summary, "")
    assert "  ?[2J?1 " in text
    assert "\x1b" not in text


@pytest.mark.parametrize("cause", Cause)
def test_a_difference_asks_for_a_step_or_is_nobodys_task(cause):
    summary = Summary()
    summary.put(Finding(cause, (LINE,), ()))
    assert summary.differs is (cause.repair is not Repair.NOTHING)
    assert (cause.words in as_text(summary, "")) is (cause.verdict.value != "matched")
