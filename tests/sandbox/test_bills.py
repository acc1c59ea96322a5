from __future__ import annotations

import gzip
from datetime import datetime, timedelta, timezone

import pytest
from wallet_client import Client, from_xml, sign

HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
BEIJING = timezone(timedelta(hours=8))


def clock_of(sandbox):
    return datetime.fromisoformat(sandbox.control("GET", "health")["now"])


def until(sandbox, hour, days=0):
    """Move its clock to an hour of today or a later day."""
    now = clock_of(sandbox)
    wanted = (now + timedelta(days=days)).replace(hour=hour, minute=0, second=1, microsecond=0)
    sandbox.advance((wanted - now).total_seconds())


def bill(kiosk, day, path="/pay/downloadbill", **own):
    return kiosk.file(path, bill_date=f"{day:%Y%m%d}", **own)


def parsed(content):
    """Header, rows, summary header and summary row of a bill."""
    text = content.decode("utf-8")
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    lines = text.removeprefix("\ufeff").removesuffix("\r\n").split("\r\n")
    cells = [line.removeprefix("`").split(",`") for line in lines if line.startswith("`")]
    heads = [line for line in lines if not line.startswith("`")]
    assert lines[0] == heads[0]
    assert lines[-2] == heads[1]
    rows = [dict(zip(heads[0].split(","), row, strict=True)) for row in cells[:-1]]
    return heads[0], rows, dict(zip(heads[1].split(","), cells[-1], strict=True))


@pytest.fixture
def day(fresh):
    """A sandbox at ten in the morning of a day with sales; its client and that day."""
    until(fresh, 10, days=1)
    return Client(fresh), clock_of(fresh).date()


def test_a_bill_has_every_movement_of_its_day_and_a_summary_that_agrees(fresh, day):
    kiosk, today = day
    sale, back, undone = kiosk.number(), kiosk.number(), kiosk.number()
    paid = kiosk.pay(fresh.code(openid="oLi"), sale, body="苹果, 梨\n橙", attach="till 1")
    kiosk.pay(fresh.code(), back, 2000)
    refund = kiosk.refund(back, "R1", 500, 2000)
    kiosk.pay(fresh.code(), undone, 333)
    fresh.advance(15)
    kiosk.reverse(undone)
    kiosk.pay(fresh.code(balance=1), kiosk.number())  # not paid: not in the bill
    until(fresh, 9, days=1)

    header, rows, summary = parsed(bill(kiosk, today, bill_type="ALL"))
    assert header == HEADER
    by_kind = {(row["商户订单号"], row["交易状态"]): row for row in rows}
    assert set(by_kind) == {
        (sale, "SUCCESS"),
        (back, "SUCCESS"),
        (back, "REFUND"),
        (undone, "SUCCESS"),
        (undone, "REVOKED"),
    }
    end = paid["time_end"]
    assert by_kind[sale, "SUCCESS"] == {
        "交易时间": f"{end[:4]}-{end[4:6]}-{end[6:8]} {end[8:10]}:{end[10:12]}:{end[12:]}",
        "公众账号ID": kiosk.parties["appid"],
        "商户号": kiosk.parties["mch_id"],
        "特约商户号": "0",
        "设备号": "D01",
        "微信订单号": paid["transaction_id"],
        "商户订单号": sale,
        "用户标识": "oLi",
        "交易类型": "MICROPAY",
        "交易状态": "SUCCESS",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": "12.80",
        "代金券金额": "0.00",
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "充值券退款金额": "0.00",
        "退款类型": "",
        "退款状态": "",
        "商品名称": "苹果, 梨 橙",
        "商户数据包": "till 1",
        "手续费": "0.08000",
        "费率": "0.60%",
        "订单金额": "12.80",
        "申请退款金额": "0.00",
        "费率备注": "",
    }
    given_back = by_kind[back, "REFUND"]
    assert given_back["微信退款单号"] == refund["refund_id"]
    assert given_back["商户退款单号"] == "R1"
    assert (given_back["退款金额"], given_back["申请退款金额"]) == ("5.00", "5.00")
    assert (given_back["应结订单金额"], given_back["订单金额"]) == ("0.00", "0.00")
    assert (given_back["退款类型"], given_back["退款状态"]) == ("ORIGINAL", "SUCCESS")
    assert given_back["手续费"] == "-0.03000"
    assert by_kind[undone, "REVOKED"]["退款金额"] == "3.33"
    assert by_kind[undone, "REVOKED"]["商户退款单号"] == "0"
    assert len(by_kind[undone, "REVOKED"]["微信退款单号"]) == 28
    assert dict(zip(SUMMARY.split(","), summary.values(), strict=True)) == summary
    assert list(summary.values()) == ["5", "36.13", "8.33", "0.00", "0.17000", "36.13", "8.33"]


def test_success_and_refund_bills_have_their_own_rows_and_columns(fresh, day):
    kiosk, today = day
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    kiosk.refund(number, "R1", 80)
    until(fresh, 9, days=1)
    header, rows, summary = parsed(bill(kiosk, today, bill_type="SUCCESS"))
    assert "退款金额" not in header.split(",")
    assert [row["交易状态"] for row in rows] == ["SUCCESS"]
    assert summary["总交易单数"] == "1"
    header, (row,), summary = parsed(bill(kiosk, today, bill_type="REFUND"))
    assert row["交易状态"] == "REFUND"
    assert row["退款申请时间"] <= row["退款成功时间"]
    assert summary["退款总金额"] == "0.80"


def test_a_bill_is_made_at_nine_the_next_morning(fresh, day):
    kiosk, today = day
    kiosk.pay(fresh.code(), kiosk.number())
    until(fresh, 8, days=1)
    refused = from_xml(bill(kiosk, today))
    assert refused == {
        "return_code": "FAIL",
        "return_msg": "Bill Creating",
        "error_code": "20002",
    }
    until(fresh, 9)
    assert parsed(bill(kiosk, today))[2]["总交易单数"] == "1"


def test_there_is_no_bill_of_a_day_without_sales_of_tomorrow_or_of_long_ago(fresh, day):
    kiosk, today = day
    kiosk.pay(fresh.code(), kiosk.number())
    until(fresh, 9, days=1)
    for wanted in (today - timedelta(days=1), today + timedelta(days=9)):
        assert from_xml(bill(kiosk, wanted))["return_msg"] == "No Bill Exist"
    assert from_xml(bill(kiosk, today, bill_type="RECHARGE_REFUND"))["error_code"] == "20002"
    fresh.advance(93 * 86400)
    assert from_xml(bill(kiosk, today))["error_code"] == "20002"


@pytest.mark.parametrize(
    "own",
    [
        {"bill_date": "2026-06-05"},
        {"bill_date": "20260231"},
        {"bill_date": ""},
        {"bill_type": "EVERYTHING"},
        {"tar_type": "ZIP"},
    ],
)
def test_a_request_out_of_form_gets_an_error_instead_of_a_bill(sandbox, kiosk, own):
    answer = from_xml(kiosk.file("/pay/downloadbill", **({"bill_date": "20260605"} | own)))
    assert (answer["return_code"], answer["error_code"]) == ("FAIL", "20001")


def test_a_wrong_signature_gets_no_bill(sandbox, kiosk):
    fields = kiosk.fields(bill_date="20260605") | {"bill_date": "20260606"}
    assert kiosk.post("/pay/downloadbill", fields)["return_msg"] == "签名错误"


def test_a_bill_may_come_compressed(fresh, day):
    kiosk, today = day
    kiosk.pay(fresh.code(), kiosk.number())
    until(fresh, 9, days=1)
    plain, packed = bill(kiosk, today), bill(kiosk, today, tar_type="GZIP")
    assert packed.startswith(b"\x1f\x8b")
    assert gzip.decompress(packed) == plain


def test_a_bill_keeps_saying_what_was_true_when_it_was_made(fresh, day):
    kiosk, today = day
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.script(f"processing close {40 * 3600}", api="refund")
    kiosk.refund(number, "R1", 500)
    fresh.advance(61)
    kiosk.refund(number, "R2", 300)
    until(fresh, 9, days=1)
    first = bill(kiosk, today, bill_type="REFUND")
    assert [row["退款状态"] for row in parsed(first)[1]] == ["PROCESSING", "SUCCESS"]
    until(fresh, 12, days=1)
    assert kiosk.refunds(out_refund_no="R1")["refund_status_0"] == "REFUNDCLOSE"
    assert bill(kiosk, today, bill_type="REFUND") == first


def test_the_fund_flow_lists_what_moved_and_what_is_left(fresh, day):
    kiosk, today = day
    first = kiosk.number()
    paid = kiosk.pay(fresh.code(), first, 10_000)
    until(fresh, 10, days=1)
    done = kiosk.refund(first, "R1", 5000, 10_000, refund_desc="缺货")
    until(fresh, 9, days=1)

    def flow(day):
        content = bill(
            kiosk,
            day,
            "/pay/downloadfundflow",
            account_type="Basic",
            sign_type="HMAC-SHA256",
        )
        return parsed(content)

    header, rows, summary = flow(today)
    assert header == (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
        "资金变更提交申请人,备注,业务凭证号"
    )
    assert [(row["收支类型"], row["收支金额(元)"], row["账户结余(元)"]) for row in rows] == [
        ("收入", "100.00", "100.00"),
        ("支出", "0.60", "99.40"),
    ]
    assert rows[0]["微信支付业务单号"] == paid["transaction_id"]
    assert list(summary.items()) == [
        ("资金流水总笔数", "2"),
        ("收入笔数", "1"),
        ("收入金额", "100.00"),
        ("支出笔数", "1"),
        ("支出金额", "0.60"),
    ]
    _, rows, _ = flow(today + timedelta(days=1))
    assert [row["账户结余(元)"] for row in rows] == ["49.40", "49.70"]
    assert rows[0]["微信支付业务单号"] == done["refund_id"]
    assert rows[0]["备注"] == "缺货"


def test_the_fund_flow_is_signed_with_hmac_only_and_refuses_in_signed_words(fresh, day):
    kiosk, today = day
    md5 = kiosk.fields(bill_date=f"{today:%Y%m%d}", account_type="Basic")
    assert kiosk.post("/pay/downloadfundflow", md5)["return_code"] == "FAIL"
    hmac = kiosk.fields("HMAC-SHA256", bill_date=f"{today:%Y%m%d}", account_type="Basic")
    answer = kiosk.signed_post("/pay/downloadfundflow", hmac)
    assert answer["err_code"] == "BILL_CREATING"
    assert answer["sign"] == sign(answer, kiosk.key, "HMAC-SHA256")
    other = kiosk.fields("HMAC-SHA256", bill_date=f"{today:%Y%m%d}", account_type="Fees")
    assert kiosk.signed_post("/pay/downloadfundflow", other)["err_code"] == "NO_BILL_EXIST"
