"""`kiosk reconcile` as it is shipped: a process of its own, on files."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest
from till import DECLINED, DONE, LOST, MIDNIGHT, MINUTE, UNCLEAR, UNDONE, number


def test_two_books_that_match_end_with_nothing_to_do(shop):
    for index in (1, 2):
        shop.pay(index)
        shop.row(index)
    shop.pay(3, *DECLINED)
    done = shop.reconcile()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "2026-03-01 wechatpay, terminal 10000001",
        "                    numbers           here          there     difference",
        "matched                   3          27.60          27.60           0.00",
        "all                       3          27.60          27.60           0.00",
    ]


def test_every_difference_is_told_with_its_cause_and_its_step(shop):
    shop.pay(1)
    shop.row(1)
    shop.pay(2, *LOST)
    shop.row(2)
    shop.pay(3, *UNDONE)
    shop.row(3)
    shop.row(4, fen=99900)
    done = shop.reconcile()
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [
        "2026-03-01 wechatpay, terminal 10000001",
        "                    numbers           here          there     difference",
        "matched                   1          13.80          13.80           0.00",
        "missing here              1           0.00         999.00         999.00",
        "state differs             2           0.00          27.60          27.60",
        "all                       4          13.80       1,040.40       1,026.60",
        "",
        "missing here: this terminal's number, and no trace of it in the ledger (1)",
        "→ book the payment",
        f"  {number(4)}                     999.00  2026-03-01 12:00:07",
        "",
        "state differs: an answer that was lost and never settled (1)",
        "→ query the channel",
        f"  {number(2)}                      13.80  2026-03-01 12:00:07",
        "",
        "state differs: paid after the reversal was confirmed (1)",
        "→ refund the shopper",
        f"  {number(3)}                      13.80  2026-03-01 12:00:07",
    ]


def test_rows_of_other_terminals_are_counted_and_are_not_a_task(shop):
    shop.pay(1)
    shop.row(1)
    shop.row(2, terminal="10000002")
    done = shop.reconcile()
    assert done.returncode == 0
    assert "missing here: another terminal's (1)\n→ nothing to do\n" in done.stdout
    assert number(2) not in done.stdout


def test_refunds_are_compared_by_their_own_numbers(shop):
    shop.pay(1)
    shop.row(1)
    done = shop.refund(1, 1, *DONE, fen=500)
    shop.row(1, "REFUND", fen=500, refund_no=done, refund_state="SUCCESS")
    assert shop.reconcile().returncode == 0
    lost = shop.refund(1, 2, *UNCLEAR, fen=80)
    shop.row(1, "REFUND", fen=80, refund_no=lost, refund_state="SUCCESS")
    shop.row(1, "REFUND", fen=20, refund_no=f"{number(1)}R3", refund_state="SUCCESS")
    told = shop.reconcile()
    assert told.returncode == 2
    assert told.stdout.splitlines()[2:6] == [
        "matched                   2           8.80           8.80           0.00",
        "missing here              1           0.00          -0.20          -0.20",
        "state differs             1           0.00          -0.80          -0.80",
        "all                       4           8.80           7.80          -1.00",
    ]
    assert (
        "refunded at another till or by the merchant at the channel (1)\n→ book the refund\n"
        in (told.stdout)
    )
    assert f"  {lost}" in told.stdout


def test_a_payment_around_midnight_is_explained_on_both_days(shop):
    shop.pay(1, at_ms=MIDNIGHT - MINUTE)
    shop.row(1, at="2026-03-01 00:00:01")
    assert shop.reconcile().returncode == 0
    shop.rows.clear()
    shop._sums = [0, 0, 0]
    before = shop.reconcile(day="2026-02-28")
    assert before.returncode == 2
    assert "the channel took it after midnight" in before.stdout
    assert "→ wait for tomorrow's bill" in before.stdout


def test_it_reads_beside_a_running_kiosk_and_changes_nothing(shop):
    with shop.open() as ledger:
        shop.pay_in(ledger, 1)
        shop.row(1)
        done = shop.reconcile()
        assert (done.returncode, done.stderr) == (0, "")
        shop.pay_in(ledger, 2)
        assert ledger.verify().holds
    shop.row(2)
    assert shop.reconcile().returncode == 0


def test_a_ledger_that_nobody_holds_stays_as_it_is(shop):
    shop.pay(1)
    shop.row(1)
    (file,) = shop.ledger.glob("*.db")
    before = sha256(file.read_bytes()).digest()
    assert shop.reconcile().returncode == 0
    assert sha256(file.read_bytes()).digest() == before
    shop.pay(2)
    shop.row(2)
    assert shop.reconcile().returncode == 0


def test_the_csv_file_has_every_number_and_opens_in_a_spreadsheet(shop, tmp_path):
    shop.pay(1)
    shop.row(1)
    shop.row(2)
    out = tmp_path / "out.csv"
    done = shop.reconcile("--csv", str(out))
    assert done.returncode == 2
    assert done.stdout.endswith(f"\nall numbers: {out}\n")
    assert out.read_bytes().startswith(b"\xef\xbb\xbfday,channel,")
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = [(row["out_trade_no"], row["verdict"]) for row in csv.DictReader(file)]
    assert found == [(f"\t{number(1)}", "matched"), (f"\t{number(2)}", "missing here")]
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_the_account_is_held_against_the_bill_as_well(shop, tmp_path):
    for index in (1, 2):
        shop.pay(index)
        shop.row(index)
    # The second payment never came, a fee of nobody went, and seven yuan are simply gone.
    flow = shop.fund_flow(
        ("420001", "交易", 1380, 11_380),
        ("420001", "扣除交易手续费", -5, 11_375),
        ("420009", "扣除交易手续费", -8, 10_667),
    )
    out = tmp_path / "out.csv"
    done = shop.reconcile("--fund-flow", str(flow), "--csv", str(out))
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines()[4:] == [
        "",
        "2026-03-01 wechatpay, trade bill and account",
        "                    numbers           here          there     difference",
        "matched                   1          13.75          13.75           0.00",
        "missing here              1           0.00          -0.08          -0.08",
        "missing there             1          13.75           0.00         -13.75",
        "amount differs            1           0.00          -7.00          -7.00",
        "all                       4          27.50           6.67         -20.83",
        "",
        "missing there: traded, and never moved on the account (1)",
        "→ call the service provider",
        f"  {number(2)}                     -13.75  2026-03-01 12:00:07",
        "",
        "missing here: moved on the account, and no trade says why (1)",
        "→ call the service provider",
        "  420009                                        -0.08  2026-03-01 12:00:07",
        "",
        "amount differs: the balance does not follow from the row before (1)",
        "→ call the service provider",
        "  420009                                        -7.00  2026-03-01 12:00:07",
        "",
        f"all numbers: {out}",
    ]
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = [(row["books"], row["out_trade_no"].strip()) for row in csv.DictReader(file)]
    assert found == [
        ("ledger, bill", number(1)),
        ("ledger, bill", number(2)),
        ("bill, account", number(1)),
        ("bill, account", number(2)),
        ("bill, account", "420009"),
        ("bill, account", "420009"),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--fund-flow", "/nowhere/flow.csv"], "/nowhere/flow.csv cannot be read"),
        (["--day", "2026-02-30"], "'2026-02-30' is no day"),
        (["--day", "2026-03-02"], "is of 2026-03-01, not of 2026-03-02"),
        (["--channel", "alipay"], "there is no channel alipay. Known: wechatpay"),
        (["--bill", "/nowhere/bill.csv"], "/nowhere/bill.csv cannot be read"),
        (["--csv", "/nowhere/out.csv"], "/nowhere/out.csv cannot be written"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_what_cannot_be_compared_ends_with_one_and_a_sentence(shop, words, says):
    shop.pay(1)
    shop.row(1)
    done = shop.reconcile(*words)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_bill_that_is_cut_off_is_refused(shop):
    shop.pay(1)
    shop.row(1)
    bill = shop.bill()
    bill.write_bytes(bill.read_bytes()[:-40])
    done = shop.reconcile("--bill", str(bill))
    assert done.returncode == 1
    assert f"{bill}: row 4" in done.stderr
    assert "Fetch it from the channel again" in done.stderr


def test_where_there_is_no_ledger_it_says_so(shop):
    shop.row(1)
    done = shop.reconcile()
    assert done.returncode == 1
    assert f"there is no ledger in {shop.ledger}" in done.stderr
    assert not shop.ledger.exists()


def test_a_ledger_with_a_damaged_row_is_not_compared(shop):
    shop.pay(1)
    shop.row(1)
    (file,) = shop.ledger.glob("*.db")
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE payment SET state = 'PAYED'")
    done = shop.reconcile()
    assert done.returncode == 1
    assert f"{file.name}: {number(1)}" in done.stderr


def test_two_merchants_must_be_told_apart(shop):
    second = '[channels.second]\ndriver = "wechatpay"\nmch_id = "1900000002"\n'
    shop.config.write_text(shop.config.read_text("utf-8") + second, "utf-8")
    shop.pay(1)
    shop.row(1)
    done = shop.reconcile()
    assert done.returncode == 1
    assert "wechatpay, second. Name it with --channel" in done.stderr
    assert shop.reconcile("--channel", "wechatpay").returncode == 0
    other = shop.reconcile("--channel", "second")
    assert other.returncode == 2
    assert "no trace of it in the ledger" in other.stdout


def test_one_bill_has_the_payments_of_all_channels_of_its_merchant(shop):
    native = '[channels.wechatpay_native]\ndriver = "wechatpay-native"\n'
    shop.config.write_text(shop.config.read_text("utf-8") + native, "utf-8")
    shop.pay(1)
    shop.row(1)
    shop.channel = "wechatpay_native"
    shop.pay(2)
    shop.row(2)
    back = shop.refund(2, 1, *DONE, fen=500)
    shop.row(2, "REFUND", fen=500, refund_no=back, refund_state="SUCCESS")
    done = shop.reconcile()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "matched                   3" in done.stdout


def test_the_bill_of_a_channel_with_a_qr_has_the_same_form(shop):
    text = shop.config.read_text("utf-8")
    shop.pay(1)
    shop.row(1)
    for driver, ends, says in (
        ("wechatpay-native", 0, ""),
        ("other", 1, "cannot be read. Known: wechatpay, wechatpay-native"),
    ):
        shop.config.write_text(text.replace('"wechatpay"', f'"{driver}"'), "utf-8")
        done = shop.reconcile("--channel", "wechatpay")
        assert done.returncode == ends, done.stderr
        assert says in done.stderr
