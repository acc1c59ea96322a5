"""The fund-flow bill: what its rows say, and that nothing less than a whole file is believed."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.channels.wechatpay.bill_row import BillError
from kiosk.channels.wechatpay.fund_flow import read_fund_flow
from kiosk.domain.fund_flow import FlowKind, FlowLine
from kiosk.domain.money import Money

HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
PAID = (
    "`2026-11-21 10:00:01,`4200000000202611211000000001,`F0001,`交易,`交易,`收入,`12.80,`112.80,"
    "`system,`,`S1D01T20261121000001"
)
FEE = (
    "`2026-11-21 10:00:01,`4200000000202611211000000001,`F0002,`交易,`扣除交易手续费,`支出,`0.08,"
    "`112.72,`system,`,`S1D01T20261121000001"
)
REFUNDED = (
    "`2026-11-21 11:30:00,`50300000002026112111300000001,`F0003,`退款,`退款,`支出,`5.00,`107.72,"
    "`system,`sour, says he,`S1D01T20261121000001R1"
)
WITHDRAWN = "`2026-11-21 23:00:00,`,`F0004,`提现,`提现,`支出,`100.00,`7.72,`1230000109,`,`"
ROWS = (PAID, FEE, REFUNDED, WITHDRAWN)
TOTALS = "`4,`1,`12.80,`3,`105.08"

LINES = [
    FlowLine(
        number="F0001",
        business_no="4200000000202611211000000001",
        kind=FlowKind.PAYMENT,
        name="交易",
        amount=Money(1280),
        balance=Money(11280),
        at="2026-11-21 10:00:01",
        at_ms=1795226401000,  # 02:00:01 UTC
        voucher="S1D01T20261121000001",
    ),
    FlowLine(
        number="F0002",
        business_no="4200000000202611211000000001",
        kind=FlowKind.FEE,
        name="扣除交易手续费",
        amount=Money(-8),
        balance=Money(11272),
        at="2026-11-21 10:00:01",
        at_ms=1795226401000,
        voucher="S1D01T20261121000001",
    ),
    FlowLine(
        number="F0003",
        business_no="50300000002026112111300000001",
        kind=FlowKind.REFUND,
        name="退款",
        amount=Money(-500),
        balance=Money(10772),
        at="2026-11-21 11:30:00",
        at_ms=1795231800000,
        voucher="S1D01T20261121000001R1",
    ),
    FlowLine(
        number="F0004",
        business_no="",
        kind=FlowKind.OTHER,
        name="提现",
        amount=Money(-10000),
        balance=Money(772),
        at="2026-11-21 23:00:00",
        at_ms=1795273200000,
    ),
]


def file_of(rows=ROWS, totals=TOTALS, header=HEADER, end="\r\n", summary=SUMMARY):
    return b"\xef\xbb\xbf" + end.join([header, *rows, summary, totals, ""]).encode()


def read(content):
    return list(read_fund_flow(io.BytesIO(content)))


def changed(title, value, row=PAID):
    cells = row[1:].split(",`")
    cells[HEADER.split(",").index(title)] = value
    return "`" + ",`".join(cells)


def with_paid(title, value):
    return file_of((changed(title, value), *ROWS[1:]))


def test_each_row_is_one_movement_of_the_account():
    assert read(file_of()) == LINES


@pytest.mark.parametrize(
    "content",
    [
        file_of().removeprefix(b"\xef\xbb\xbf"),
        file_of(end="\n"),
        file_of().rstrip(),
        gzip.compress(file_of()),
        file_of(header=HEADER.replace("(元)", "（元）")),
        file_of(
            summary="支出金额,支出笔数,收入金额,收入笔数,资金流水总笔数",
            totals="`105.08,`3,`12.80,`1,`4",
        ),
    ],
    ids=["no BOM", "LF", "no last line end", "gzip", "wide brackets", "another order"],
)
def test_a_file_is_the_same_in_each_of_its_wrappings(content):
    assert read(content) == LINES


def test_a_day_without_rows_has_a_summary_all_the_same():
    assert read(file_of((), "`0,`0,`0.00,`0,`0.00")) == []


def test_a_fee_that_is_given_back_comes_in():
    row = changed("业务类型", "退还交易手续费", changed("收支金额(元)", "0.08"))
    (line,) = read(file_of((row,), "`1,`1,`0.08,`0,`0.00"))
    assert (line.kind, line.amount) == (FlowKind.FEE, Money(8))


@pytest.mark.parametrize(
    ("content", "row", "why"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf", 1, "column"),
        (b"<xml><return_code>FAIL</return_code></xml>", 1, "记账时间"),
        (file_of(header=HEADER.replace(",账户结余(元)", "")), 1, "账户结余"),
        (file_of(header=HEADER.replace("备注", "业务名称")), 1, "twice"),
        (with_paid("记账时间", "2026-11-31 10:00:00"), 2, "no time"),
        (with_paid("收支类型", "转账"), 2, "neither income nor expense"),
        (with_paid("微信支付业务单号", ""), 2, "numbers"),
        (with_paid("资金流水单号", " "), 2, "numbers"),
        (with_paid("收支金额(元)", "0.00"), 2, "movement"),
        (with_paid("收支金额(元)", "-12.80"), 2, "movement"),
        (with_paid("收支金额(元)", "12.805"), 2, "movement"),
        (with_paid("收支金额(元)", "1e3"), 2, "no amount"),
        (with_paid("账户结余(元)", ""), 2, "no amount"),
        (with_paid("账户结余(元)", "112.805"), 2, "no balance"),
        (file_of((PAID + ",`more", *ROWS[1:])), 2, "12 cells"),
        (file_of((PAID, "", *ROWS[1:])), 3, "neither"),
        (file_of((PAID, FEE[1:], REFUNDED, WITHDRAWN)), 3, "neither"),
        (file_of().replace("提现".encode(), "提现".encode("gbk")), 5, "UTF-8"),
        (file_of().replace(b"sour", b"x" * 70_000), 4, "longer"),
    ],
)
def test_a_damaged_file_is_refused_by_the_row(content, row, why):
    with pytest.raises(BillError, match=why) as error:
        read(content)
    assert error.value.row == row


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        ("`5,`1,`12.80,`3,`105.08", "资金流水总笔数 is 5"),
        ("`4,`2,`12.80,`3,`105.08", "收入笔数 is 2"),
        ("`4,`1,`12.81,`3,`105.08", "收入金额 is 12.81"),
        ("`4,`1,`12.80,`2,`105.08", "支出笔数 is 2"),
        ("`4,`1,`12.80,`3,`105.07", "支出金额 is 105.07"),
        ("`4,`1,`12.80,`3", "not whole"),
        (TOTALS[1:], "not whole"),
        ("", "not whole"),
        (TOTALS + "\r\n`1", "more after"),
    ],
)
def test_a_summary_that_does_not_agree_refuses_the_file(totals, why):
    with pytest.raises(BillError, match=why):
        read(file_of(totals=totals))


def test_a_file_without_its_summary_or_a_part_of_it_is_refused():
    whole = file_of()
    for start in (SUMMARY.encode(), TOTALS.encode()):
        with pytest.raises(BillError, match="summary"):
            read(whole[: whole.index(start)])
    with pytest.raises(BillError, match="leaves out 支出金额"):
        read(file_of(summary=SUMMARY.removesuffix(",支出金额"), totals="`4,`1,`12.80,`3"))


def test_a_movement_that_is_there_twice_is_named_even_if_the_summary_counts_it():
    with pytest.raises(BillError, match="row 4: the movement of row 2 once more"):
        read(file_of((PAID, FEE, PAID), "`3,`2,`25.60,`1,`0.08"))


# --- laws


@given(st.binary(max_size=400))
@example(b"\x1f\x8b")
@example(gzip.compress(b""))
def test_no_bytes_raise_anything_but_a_bill_error(content):
    with pytest.raises(BillError):
        read(content)


@given(st.integers(0, len(file_of().rstrip()) - 1))
def test_a_file_that_was_cut_anywhere_is_refused(length):
    with pytest.raises(BillError):
        read(file_of()[:length])


@settings(max_examples=200)
@given(st.integers(0, len(file_of()) - 1), st.integers(0, 255))
def test_a_changed_byte_never_changes_the_sums(place, byte):
    content = bytearray(file_of())
    content[place] = byte
    try:
        lines = read(bytes(content))
    except BillError:
        return
    assert [line.amount.fen for line in lines] == [1280, -8, -500, -10000]


texts = st.text("苹果,`", max_size=8).filter(lambda text: ",`" not in text)


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9).filter(bool), texts), max_size=20))
def test_what_was_written_is_read(written):
    rows, balance = [], 0
    for number, (fen, remark) in enumerate(written):
        balance += fen
        row = changed("收支类型", "收入" if fen > 0 else "支出", changed("备注", remark))
        row = changed(
            "收支金额(元)", Money(abs(fen)).yuan, changed("资金流水单号", f"F{number}", row)
        )
        rows.append(changed("账户结余(元)", Money(balance).yuan, row))
    came, went = ([fen for fen, _ in written if fen * way > 0] for way in (1, -1))
    sums = [Money(abs(sum(each))).yuan for each in (came, went)]
    totals = f"`{len(rows)},`{len(came)},`{sums[0]},`{len(went)},`{sums[1]}"
    lines = read(file_of(tuple(rows), totals))
    assert [line.amount.fen for line in lines] == [fen for fen, _ in written]
    assert [line.balance.fen for line in lines][-1:] == [balance][: len(lines)]
