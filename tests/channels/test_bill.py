"""The trade bill: what its rows say, and that nothing less than a whole bill is believed."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.channels.wechatpay.bill import BillError, read_bill
from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.money import Money
from tests.channels.bills import (
    HEADER,
    PAID,
    PAID_BY_FACE,
    REFUNDED,
    REVOKED,
    ROWS,
    SUMMARY,
    TOTALS,
    bill_of,
    payments,
)

PAYMENT = BillLine(
    channel="wechatpay",
    kind=LineKind.PAYMENT,
    out_trade_no="S1D01T20261121000001",
    transaction_id="4200000000202611211000000001",
    amount=Money(1280),
    at="2026-11-21 10:00:01",
    at_ms=1795226401000,  # 02:00:01 UTC
    state="SUCCESS",
    fee=Money(8),
    trade_type="MICROPAY",
    terminal="D01",
    attach="till 1",
)
FACE_PAYMENT = BillLine(
    channel="wechatpay",
    kind=LineKind.PAYMENT,
    out_trade_no="S1D01T20261121000002",
    transaction_id="4200000000202611211000000002",
    amount=Money(1),
    at="2026-11-21 10:07:00",
    at_ms=1795226820000,
    state="SUCCESS",
    trade_type="FACE",
    terminal="D01",
)
REVERSAL = replace(
    FACE_PAYMENT,
    kind=LineKind.REVERSAL,
    at="2026-11-21 10:08:00",
    at_ms=1795226880000,
    refund_id="50300000002026112110080000002",
)
REFUND = replace(
    PAYMENT,
    kind=LineKind.REFUND,
    amount=Money(500),
    at="2026-11-21 11:30:00",
    at_ms=1795231800000,
    state="PROCESSING",
    out_refund_no="S1D01T20261121000001R1",
    refund_id="50300000002026112111300000001",
    fee=Money(-3),
)
LINES = [PAYMENT, FACE_PAYMENT, REVERSAL, REFUND]


def read(content: bytes) -> list[BillLine]:
    return list(read_bill(io.BytesIO(content)))


def changed(row: str, title: str, value: str) -> str:
    """The row with another value under a column."""
    cells = row[1:].split(",`")
    cells[HEADER.split(",").index(title)] = value
    return "`" + ",`".join(cells)


def with_paid(title: str, value: str) -> bytes:
    return bill_of((changed(PAID, title, value), *ROWS[1:]))


def test_each_row_is_one_movement_of_money():
    assert read(bill_of()) == LINES


@pytest.mark.parametrize(
    "content",
    [
        bill_of().removeprefix(b"\xef\xbb\xbf"),
        bill_of(end="\n"),
        bill_of().rstrip(),
        gzip.compress(bill_of()),
    ],
    ids=["no BOM", "LF", "no last line end", "gzip"],
)
def test_a_bill_is_the_same_in_each_of_its_wrappings(content):
    assert read(content) == LINES


def test_a_day_without_rows_has_a_summary_all_the_same():
    assert read(bill_of((), "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00")) == []


def test_the_lines_bear_the_name_of_the_channel():
    assert {line.channel for line in read_bill(io.BytesIO(bill_of()), "wx-2")} == {"wx-2"}


def test_a_bill_of_the_older_form_is_read_by_the_names_of_its_columns():
    drop = {"订单金额", "申请退款金额", "费率备注"}
    names = {
        "应结订单金额": "总金额",
        "特约商户号": "子商户号",
        "充值券退款金额": "企业红包退款金额",
    }
    titles = HEADER.split(",")
    kept = [place for place, title in enumerate(titles) if title not in drop]
    # The older form counts the whole order where the newer one counts what is settled.
    rows = [changed(row, "应结订单金额", row[1:].split(",`")[24]) for row in ROWS]
    content = bill_of(
        tuple("`" + ",`".join(row[1:].split(",`")[place] for place in kept) for row in rows),
        header=",".join(names.get(titles[place], titles[place]) for place in kept),
    )
    older = "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额"
    content = content.replace(SUMMARY.encode(), older.encode())
    content = content.replace(TOTALS.encode(), b"`4,`12.81,`5.01,`0.00,`0.05000")
    assert read(content) == LINES


def test_a_fee_is_rounded_to_the_fen_but_added_up_as_it_stands():
    odd = changed(changed(PAID, "手续费", "0.07500"), "商品名称", "x")
    back = changed(REFUNDED, "手续费", "-0.07500")
    totals = "`2,`12.80,`5.00,`0.00,`0.00000,`12.80,`5.00"
    assert [line.fee.fen for line in read(bill_of((odd, back), totals))] == [8, -8]


@pytest.mark.parametrize(
    ("content", "row", "why"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf", 1, "column"),
        (b"<xml><return_code>FAIL</return_code></xml>", 1, "交易时间"),
        (bill_of(header=HEADER.replace(",手续费", "")), 1, "手续费"),
        (bill_of(header=HEADER.replace("费率备注", "费率")), 1, "twice"),
        (with_paid("交易时间", "2026-11-31 10:00:00"), 2, "no time"),
        (with_paid("交易时间", "20261121100000"), 2, "no time"),
        (with_paid("交易状态", "ROLLED"), 2, "ROLLED"),
        (with_paid("货币种类", "HKD"), 2, "HKD"),
        (with_paid("微信订单号", ""), 2, "numbers"),
        (with_paid("商户订单号", "0"), 2, "numbers"),
        (with_paid("订单金额", "0.00"), 2, "movement"),
        (with_paid("订单金额", "-12.80"), 2, "movement"),
        (with_paid("订单金额", "12.80500"), 2, "movement"),
        (with_paid("订单金额", "1e3"), 2, "no amount"),
        (with_paid("订单金额", "１2.80"), 2, "no amount"),
        (with_paid("手续费", ""), 2, "no amount"),
        (bill_of((PAID + ",`more", *ROWS[1:])), 2, "28 cells"),
        (bill_of((PAID.rpartition(",`")[0], *ROWS[1:])), 2, "26 cells"),
        (bill_of((PAID, "", *ROWS[1:])), 3, "neither"),
        (bill_of((PAID, PAID_BY_FACE[1:], REVOKED, REFUNDED)), 3, "neither"),
        (bill_of().replace("苹果".encode(), "苹果".encode("gbk"), 1), 2, "UTF-8"),
        (bill_of().replace("苹果".encode(), b"x" * 70_000, 1), 2, "longer"),
        (gzip.compress(bill_of())[:-9], 6, "damaged"),
        (gzip.compress(bill_of())[:200] + b"\0" * 90, 1, "damaged"),
    ],
)
def test_a_damaged_bill_is_refused_by_the_row(content, row, why):
    with pytest.raises(BillError, match=why) as error:
        read(content)
    if "damaged" not in why:
        assert error.value.row == row
        assert str(error.value).startswith(f"row {row}: ")


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        (TOTALS.replace("`4", "`5"), "counts 5 rows, the bill has 4"),
        ("`4,`12.82,`5.01,`0.00,`0.05000,`12.81,`5.01", "应结订单总金额"),
        ("`4,`12.81,`5.02,`0.00,`0.05000,`12.81,`5.01", "退款总金额"),
        ("`4,`12.81,`5.01,`0.01,`0.05000,`12.81,`5.01", "充值券退款总金额"),
        ("`4,`12.81,`5.01,`0.00,`0.05001,`12.81,`5.01", "手续费总金额"),
        ("`4,`12.81,`5.01,`0.00,`0.05000,`12.80,`5.01", "订单总金额"),
        ("`4,`12.81,`5.01,`0.00,`0.05000,`12.81,`5.00", "申请退款总金额"),
        ("`4,`12.81,`5.01,`0.00,`0.05000,`12.81", "not whole"),
        (TOTALS[1:], "not whole"),
        ("", "not whole"),
        (TOTALS + "\r\n`1", "more after"),
    ],
)
def test_a_summary_that_does_not_agree_refuses_the_bill(totals, why):
    with pytest.raises(BillError, match=why):
        read(bill_of(totals=totals))


def test_a_bill_without_its_summary_is_refused():
    whole = bill_of()
    for start in (SUMMARY.encode(), TOTALS.encode()):
        with pytest.raises(BillError, match="summary"):
            read(whole[: whole.index(start)])


def test_a_summary_must_add_up_every_amount_that_is_used():
    less = bill_of().replace(b",\xe8\xae\xa2\xe5\x8d\x95\xe6\x80\xbb\xe9\x87\x91\xe9\xa2\x9d", b"")
    less = less.replace(TOTALS.encode(), b"`4,`12.81,`5.01,`0.00,`0.05000,`5.01")
    with pytest.raises(BillError, match="leaves out a sum"):
        read(less)


def test_a_movement_that_is_there_twice_is_named_even_if_the_summary_counts_it():
    totals = "`3,`25.60,`5.00,`0.00,`0.13000,`25.60,`5.00"
    with pytest.raises(BillError, match="row 4: the payment of row 2 once more"):
        read(bill_of((PAID, REFUNDED, changed(PAID, "商品名称", "other")), totals))
    totals = "`2,`0.00,`10.00,`0.00,`-0.06000,`0.00,`10.00"
    with pytest.raises(BillError, match="row 3: the refund of row 2 once more"):
        read(bill_of((REFUNDED, REFUNDED), totals))


def test_two_refunds_of_one_payment_are_two_movements():
    second = changed(REFUNDED, "微信退款单号", "50300000002026112111300000009")
    totals = "`2,`0.00,`10.00,`0.00,`-0.06000,`0.00,`10.00"
    assert len(read(bill_of((REFUNDED, second), totals))) == 2


def test_memory_does_not_grow_with_the_rows(tmp_path):
    peaks = []
    for count in (500, 6_000):
        path = tmp_path / f"{count}.gz"
        path.write_bytes(gzip.compress(payments(count), 1))
        tracemalloc.start()
        with path.open("rb") as file:
            assert sum(1 for _ in read_bill(file)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000  # the rows are 1.4 million bytes of text


# --- laws


@given(st.binary(max_size=400))
@example(b"\x1f\x8b")
@example(gzip.compress(b""))
def test_no_bytes_raise_anything_but_a_bill_error(content):
    with pytest.raises(BillError):
        read(content)


@given(st.integers(0, len(bill_of().rstrip()) - 1))
def test_a_bill_that_was_cut_anywhere_is_refused(length):
    with pytest.raises(BillError):
        read(bill_of()[:length])


@given(st.integers(0, len(gzip.compress(bill_of())) - 1))
def test_a_packed_bill_that_was_cut_anywhere_is_refused(length):
    with pytest.raises(BillError):
        read(gzip.compress(bill_of())[:length])


@settings(max_examples=200)
@given(st.integers(0, len(bill_of()) - 1), st.integers(0, 255))
def test_a_changed_byte_never_changes_the_sums(place, byte):
    content = bytearray(bill_of())
    content[place] = byte
    try:
        lines = read(bytes(content))
    except BillError:
        return
    assert [line.amount.fen for line in lines] == [1280, 1, 1, 500]


@given(st.permutations(ROWS), st.integers(0, len(ROWS) - 1))
def test_rows_may_come_in_any_order_but_none_may_go(rows, gone):
    assert sorted(read(bill_of(tuple(rows))), key=str) == sorted(LINES, key=str)
    with pytest.raises(BillError):
        read(bill_of((*rows[:gone], *rows[gone + 1 :])))


names = st.text("苹果,`", max_size=8).filter(lambda name: ",`" not in name)


@given(st.lists(st.tuples(st.integers(1, 10**9), names), max_size=20))
@example([(1, ","), (2, "`"), (3, "")])
def test_what_was_written_is_read(written):
    rows = []
    for number, (fen, name) in enumerate(written):
        yuan = Money(fen).yuan
        row = changed(changed(PAID, "订单金额", yuan), "应结订单金额", yuan)
        row = changed(changed(row, "微信订单号", f"42{number:026d}"), "手续费", "0.00")
        rows.append(changed(row, "商品名称", name))
    total = Money(sum(fen for fen, _ in written)).yuan
    totals = f"`{len(rows)},`{total},`0.00,`0.00,`0.00000,`{total},`0.00"
    read_lines = read(bill_of(tuple(rows), totals))
    assert [line.amount.fen for line in read_lines] == [fen for fen, _ in written]
