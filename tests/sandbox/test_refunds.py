from __future__ import annotations

import contextlib

import pytest
from wallet_client import Client


@pytest.fixture
def sale(sandbox, kiosk):
    """A paid order's number; the shopper is left with nothing."""

    def sell(fen=1280, openid=""):
        number = kiosk.number()
        assert kiosk.pay(sandbox.code(openid=openid, balance=fen), number, fen)["transaction_id"]
        return number

    return sell


def test_a_full_refund_gives_the_money_back_and_the_order_says_refund(sandbox, kiosk, sale):
    before = sandbox.audit()
    number = sale(openid="oBackAgain")
    done = kiosk.refund(number, f"{number}R1", 1280, refund_desc="缺货")
    assert done["result_code"] == "SUCCESS"
    assert (done["refund_fee"], done["cash_refund_fee"], done["total_fee"]) == ("1280",) * 3
    assert done["out_refund_no"] == f"{number}R1"
    assert kiosk.state(number) == "REFUND"
    assert kiosk.query(number)["transaction_id"] == done["transaction_id"]

    found = kiosk.refunds(out_refund_no=f"{number}R1")
    assert found["refund_count"] == "1"
    assert found["refund_status_0"] == "SUCCESS"
    assert (found["refund_id_0"], found["refund_fee_0"]) == (done["refund_id"], "1280")
    assert found["refund_recv_accout_0"]
    assert len(found["refund_success_time_0"]) == 19

    after = sandbox.audit()
    assert after["books_balance"]
    assert after["money_held"] == before["money_held"]
    assert after["refunds_done"] == before["refunds_done"] + 1280
    assert after["refunds_by_order"][number] == {"done": 1280, "in_flight": 0}
    assert kiosk.pay(sandbox.code(openid="oBackAgain"), kiosk.number())["total_fee"] == "1280"


@pytest.mark.parametrize("by", ["transaction_id", "out_trade_no", "out_refund_no", "refund_id"])
def test_a_refund_is_found_by_each_of_the_four_numbers(kiosk, sale, by):
    number = sale()
    done = kiosk.refund(number, f"{number}R1", 80)
    found = kiosk.refunds(**{by: done[by]})
    assert found["refund_id_0"] == done["refund_id"]
    assert found["out_trade_no"] == number


def test_the_same_number_is_the_same_refund(sandbox, kiosk, sale):
    number = sale()
    first = kiosk.refund(number, f"{number}R1", 500)
    again = kiosk.refund(number, f"{number}R1", 500)
    assert again["refund_id"] == first["refund_id"]
    by_id = kiosk.fields(
        transaction_id=first["transaction_id"],
        out_refund_no=f"{number}R1",
        refund_fee="500",
        total_fee="1280",
    )
    assert kiosk.signed_post("/secapi/pay/refund", by_id)["refund_id"] == first["refund_id"]
    (refund,) = sandbox.order(number)["refunds"]
    assert (refund["fen"], refund["state"]) == (500, "SUCCESS")


def test_the_same_number_for_another_refund_is_refused(kiosk, sale):
    number, other = sale(), sale()
    kiosk.refund(number, f"{number}R1", 500)
    assert kiosk.refund(number, f"{number}R1", 501)["err_code"] == "ERROR"
    assert kiosk.refund(number, f"{number}R1", 500, 1281)["err_code"] == "ERROR"
    assert kiosk.refund(other, f"{number}R1", 500)["err_code"] == "ERROR"
    assert kiosk.state(other) == "SUCCESS"


def test_parts_add_up_to_the_order_and_no_further(sandbox, kiosk, sale):
    number = sale()
    kiosk.refund(number, f"{number}R1", 1000)
    assert kiosk.refund(number, f"{number}R2", 281)["err_code"] == "REFUND_FEE_INVALID"
    sandbox.advance(60)
    assert kiosk.refund(number, f"{number}R3", 280)["result_code"] == "SUCCESS"
    sandbox.advance(60)
    assert kiosk.refund(number, f"{number}R4", 1)["err_code"] == "REFUND_FEE_INVALID"


def test_two_parts_of_an_order_are_a_minute_apart(sandbox, kiosk, sale):
    number = sale()
    kiosk.refund(number, f"{number}R1", 1)
    assert kiosk.refund(number, f"{number}R2", 1)["err_code"] == "FREQUENCY_LIMITED"
    sandbox.advance(58)
    assert kiosk.refund(number, f"{number}R2", 1)["err_code"] == "FREQUENCY_LIMITED"
    sandbox.advance(2)
    assert kiosk.refund(number, f"{number}R2", 1)["result_code"] == "SUCCESS"


def test_fifty_parts_and_the_query_shows_them_in_pages_of_twenty(fresh):
    kiosk = Client(fresh)
    fresh.control("POST", "clock", speed=10_000)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    for part in range(50):
        fresh.advance(0.01)
        assert kiosk.refund(number, f"R{part}", 1)["result_code"] == "SUCCESS"
    fresh.advance(0.01)
    assert kiosk.refund(number, "R50", 1)["err_code"] == "ERROR"

    assert kiosk.refunds(out_trade_no=number)["refund_count"] == "20"
    pages = [kiosk.refunds(out_trade_no=number, offset=str(at)) for at in (0, 20, 40)]
    assert [page["refund_count"] for page in pages] == ["20", "20", "10"]
    assert {page["total_refund_count"] for page in pages} == {"50"}
    numbers = [
        page[f"out_refund_no_{at}"] for page in pages for at in range(int(page["refund_count"]))
    ]
    assert numbers == [f"R{part}" for part in range(50)]
    beyond = kiosk.refunds(out_trade_no=number, offset="50")
    assert beyond["err_code"] == "REFUNDNOTEXIST"
    assert fresh.audit()["refunds_by_order"] == {number: {"done": 50, "in_flight": 0}}


@pytest.mark.parametrize(
    ("words", "status", "state"),
    [
        ("processing 8", "SUCCESS", "REFUND"),
        ("processing change 8", "CHANGE", "REFUND"),
        ("processing close 8", "REFUNDCLOSE", "SUCCESS"),
        ("processing forever", "PROCESSING", "REFUND"),
    ],
)
def test_a_refund_is_under_way_before_it_ends(fresh, words, status, state):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(balance=1280), number)
    fresh.script(words, api="refund")
    assert kiosk.refund(number, "R1", 1280)["result_code"] == "SUCCESS"
    assert kiosk.refunds(out_refund_no="R1")["refund_status_0"] == "PROCESSING"
    under_way = fresh.audit()
    assert (under_way["money_held"], under_way["refunds_in_flight"]) == (1280, 1280)

    fresh.advance(8)
    found = kiosk.refunds(out_refund_no="R1")
    assert found["refund_status_0"] == status
    assert ("refund_success_time_0" in found) == (status == "SUCCESS")
    assert kiosk.state(number) == state
    audit = fresh.audit()
    assert audit["books_balance"]
    assert audit["money_held"] == (0 if status == "SUCCESS" else 1280)
    if status == "REFUNDCLOSE":
        assert kiosk.refund(number, "R2", 1280)["result_code"] == "SUCCESS"
        assert kiosk.refund(number, "R1", 1280)["result_code"] == "SUCCESS"
        assert kiosk.refunds(out_refund_no="R1")["refund_status_0"] == "REFUNDCLOSE"
        assert fresh.audit()["money_held"] == 0


def test_speed_shortens_a_refund(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.control("POST", "clock", speed=1000)
    fresh.script("processing 8", api="refund")
    kiosk.refund(number, "R1", 1280)
    fresh.advance(0.008)
    assert kiosk.refunds(out_refund_no="R1")["refund_status_0"] == "SUCCESS"


def test_only_what_was_paid_is_refunded(sandbox, kiosk, sale):
    assert kiosk.refund("NOBODY", "RN", 1)["err_code"] == "INVALID_TRANSACTIONID"
    reversed_one = sale()
    sandbox.advance(15)
    kiosk.reverse(reversed_one)
    assert kiosk.refund(reversed_one, "RR", 1)["err_code"] == "ERROR"
    unpaid = kiosk.number()
    kiosk.pay(sandbox.code(), unpaid, 100_001)
    assert kiosk.refund(unpaid, "RU", 1, 100_001)["err_code"] == "ERROR"
    wrong_total = sale()
    assert kiosk.refund(wrong_total, "RW", 1, 1279)["err_code"] == "ERROR"
    old = sale()
    sandbox.advance(365 * 86400 + 1)
    assert kiosk.refund(old, "RO", 1)["err_code"] == "TRADE_OVERDUE"
    assert sandbox.audit()["books_balance"]


def test_a_refunded_order_is_neither_reversed_nor_paid_again(sandbox, kiosk, sale):
    number = sale()
    kiosk.refund(number, f"{number}R1", 1)
    sandbox.advance(15)
    assert kiosk.reverse(number)["err_code"] == "TRADE_ERROR"
    assert kiosk.pay(sandbox.code(), number)["err_code"] == "ORDERPAID"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"out_refund_no": ""}, "LACK_PARAMS"),
        ({"refund_fee": ""}, "LACK_PARAMS"),
        ({"total_fee": ""}, "LACK_PARAMS"),
        ({"out_trade_no": ""}, "LACK_PARAMS"),
        ({"refund_fee": "0"}, "PARAM_ERROR"),
        ({"refund_fee": "12.80"}, "PARAM_ERROR"),
        ({"out_refund_no": "x" * 65}, "PARAM_ERROR"),
        ({"out_refund_no": "a b"}, "PARAM_ERROR"),
        ({"refund_desc": "x" * 81}, "PARAM_ERROR"),
        ({"refund_account": "MY_POCKET"}, "PARAM_ERROR"),
        ({"refund_fee_type": "USD"}, "PARAM_ERROR"),
        ({"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
    ],
)
def test_a_refund_out_of_form_is_refused(sandbox, kiosk, sale, change, code):
    number = sale()
    assert kiosk.refund(number, "RX", 1, **change)["err_code"] == code
    assert sandbox.order(number)["refunds"] == []


def test_a_refund_query_without_a_number_or_with_an_unknown_one(kiosk):
    assert kiosk.refunds()["err_code"] == "LACK_PARAMS"
    assert kiosk.refunds(out_refund_no="NOBODY")["err_code"] == "REFUNDNOTEXIST"
    assert kiosk.refunds(out_trade_no="NOBODY")["err_code"] == "REFUNDNOTEXIST"


def test_a_lost_refund_is_asked_again_and_the_audit_stays_clean(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(balance=1280), number)
    fresh.script("drop-answer", api="refund")
    with pytest.raises(OSError, match=r"\w+"):
        kiosk.refund(number, "R1", 500)
    assert fresh.audit()["unresolved_refunds"] == ["R1"]
    kiosk.refund(number, "R1", 500)
    audit = fresh.audit()
    assert audit["clean"]
    assert audit["unresolved_refunds"] == []
    assert audit["refunds_done"] == 500


@pytest.mark.parametrize(
    "words", ["drop-answer", "systemerror-unpaid", "decline BIZERR_NEED_RETRY"]
)
def test_the_audit_names_a_new_number_while_the_old_one_is_in_doubt(fresh, words):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.script(words, api="refund")
    with contextlib.suppress(OSError):
        kiosk.refund(number, "R1", 500)
    fresh.advance(60)
    kiosk.refund(number, "R2", 500)
    (finding,) = fresh.audit()["refunds_renumbered"]
    assert (finding["unanswered"], finding["sent"]) == ("R1", "R2")
    assert not fresh.audit()["clean"]


def test_a_query_of_the_order_settles_the_doubt_of_its_refunds(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.script("drop-answer", api="refund")
    with pytest.raises(OSError, match=r"\w+"):
        kiosk.refund(number, "R1", 500)
    kiosk.refunds(out_trade_no=number)
    fresh.advance(60)
    kiosk.refund(number, "R2", 500)
    assert fresh.audit()["clean"]


@pytest.mark.parametrize(("fen", "status"), [(90021, "PROCESSING"), (90023, "PROCESSING")])
def test_a_magic_amount_sets_the_course_of_its_refund(kiosk, sale, fen, status):
    number = sale(fen)
    assert kiosk.refund(number, f"{number}R1", fen, fen)["result_code"] == "SUCCESS"
    assert kiosk.refunds(out_refund_no=f"{number}R1")["refund_status_0"] == status


def test_refunds_survive_a_kill(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.script("processing 8", api="refund")
    kiosk.refund(number, "R1", 500)
    fresh.kill()
    fresh.restart()
    fresh.advance(8)
    assert kiosk.refunds(out_refund_no="R1")["refund_status_0"] == "SUCCESS"
    assert fresh.audit()["books_balance"]
