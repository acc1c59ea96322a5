"""What each answer of the third version means for the money, as tables."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kiosk.channels.channel import NotFound, OutcomeUnknown, RefundOrder, Refused
from kiosk.channels.texts import SHOPPER_KEYS, refund_staff_text, shopper_key, staff_text
from kiosk.channels.wechatpay.errors import Verdict
from kiosk.channels.wechatpay.refund_errors import RefundVerdict
from kiosk.channels.wechatpay.v3 import errors, refund_errors
from kiosk.channels.wechatpay.v3.answers import close_answer, present_answer, query_answer
from kiosk.channels.wechatpay.v3.client import Answer
from kiosk.channels.wechatpay.v3.refund_answers import known_refund, refund_answer
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone
from tests.channels.v3.wallet import MCH_ID, NUMBER, PAID, SHOP

REFUND_NO = f"{NUMBER}R1"
ORDER = RefundOrder(NUMBER, REFUND_NO, Money(1280), Money(500))
ABOUT = {"out_trade_no": NUMBER, "out_refund_no": REFUND_NO}
TOLD = {
    **ABOUT,
    "refund_id": "5030000001",
    "status": "SUCCESS",
    "amount": {"total": 1280, "refund": 500, "currency": "CNY"},
}


def refused(code: str, status: int = 400, number: str = "0") -> Answer:
    return Answer(status, {"code": code, "message": "不行 13141516171819202"}, f"08AB-{number}")


@pytest.fixture
def options(native_options):
    return native_options()


# --- making an order

SURELY_NONE = [
    "PARAM_ERROR",
    "INVALID_REQUEST",
    "APPID_MCHID_NOT_MATCH",
    "MCH_NOT_EXISTS",
    "ORDER_CLOSED",
    "SIGN_ERROR",
    "NO_AUTH",
    "RULE_LIMIT",
    "TRADE_ERROR",
    "ACCOUNT_ERROR",
    "NOT_ENOUGH",
    "REQUEST_BLOCKED",
    "FREQUENCY_LIMITED",
    "RATELIMIT_EXCEEDED",
    "RESOURCE_NOT_EXISTS",
    "ORDER_NOT_EXIST",
]
PERHAPS = ["SYSTEM_ERROR", "ORDERPAID", "OUT_TRADE_NO_USED", "ALREADY_EXISTS", "NEVER_SEEN", ""]


def test_the_table_has_a_verdict_for_every_code_of_these_lists():
    declined = {code for code, rule in errors.RULES.items() if rule.verdict is Verdict.DECLINED}
    assert declined == set(SURELY_NONE)
    assert set(errors.RULES) - declined == set(PERHAPS) - {"NEVER_SEEN", ""}


@pytest.mark.parametrize("code", SURELY_NONE)
def test_a_refusal_of_the_request_is_a_refusal_of_the_order(code):
    assert present_answer(refused(code), 0) == Declined(code, "不行 …9202")
    for status in (500, 502, 202, 301):
        with pytest.raises(OutcomeUnknown):
            present_answer(refused(code, status), 0)


@pytest.mark.parametrize("code", PERHAPS)
def test_what_does_not_say_that_there_is_no_order_is_unknown(code):
    with pytest.raises(OutcomeUnknown):
        present_answer(refused(code), 0)


@pytest.mark.parametrize("number", ["268449538", "268498689", "268498688"])
def test_the_number_in_the_request_id_makes_a_refusal_less_certain(number):
    with pytest.raises(OutcomeUnknown):
        present_answer(refused("INVALID_REQUEST", number=number), 0)


@pytest.mark.parametrize("request_id", ["", "x", "08AB-", "08AB-１２", "08AB-x", "-" * 400])
def test_a_request_id_of_another_form_says_nothing(request_id):
    assert Answer(400, {}, request_id).number == ""


# --- a query


@pytest.mark.parametrize(
    ("state", "fact"),
    [
        ("SUCCESS", Approved("4200000001", 1280)),
        ("REFUND", Approved("4200000001", 1280)),
        ("NOTPAY", Waiting("NOTPAY")),
        ("USERPAYING", Waiting("USERPAYING")),
        ("ACCEPT", Waiting("ACCEPT")),
        ("CLOSED", Declined("CLOSED")),
        ("REVOKED", Declined("REVOKED")),
        ("PAYERROR", PayError("PAYERROR")),
    ],
)
def test_every_state_of_an_order_is_a_fact(options, state, fact):
    answer = Answer(200, {**PAID, "trade_state": state})
    assert query_answer(answer, options, NUMBER) == fact
    assert query_answer(answer, options, "", "4200000001") == fact


@pytest.mark.parametrize(
    "changes",
    [
        {"trade_state": "NEVER_SEEN"},
        {"trade_state": ""},
        {"trade_state": 1},
        {"out_trade_no": "OTHER"},
        {"out_trade_no": ""},
        {"mchid": "9"},
        {"mchid": ""},
        {"transaction_id": ""},
        {"amount": {}},
        {"amount": None},
        {"amount": {"total": "1280"}},
        {"amount": {"total": True}},
        {"amount": {"total": -1}},
        {"amount": {"total": 10**12}},
        {"amount": {"total": 1280.0}},
        {"amount": {"total": 1280, "currency": "USD"}},
    ],
)
def test_an_answer_about_something_else_or_without_its_sum_is_no_payment(options, changes):
    with pytest.raises(OutcomeUnknown):
        query_answer(Answer(200, {**PAID, **changes}), options, NUMBER)


def test_while_the_shopper_pays_everything_but_the_state_may_be_missing(options):
    assert query_answer(Answer(200, {"trade_state": "USERPAYING"}), options, NUMBER) == Waiting(
        "USERPAYING"
    )
    with pytest.raises(OutcomeUnknown):
        query_answer(
            Answer(200, {"trade_state": "USERPAYING", "out_trade_no": "OTHER"}), options, NUMBER
        )


def test_a_shops_order_is_told_to_its_service_provider(native_options):
    shop = native_options(sub_mch_id=SHOP)
    told = {name: value for name, value in PAID.items() if name not in ("appid", "mchid")}
    told |= {"sp_mchid": MCH_ID, "sub_mchid": SHOP}
    assert query_answer(Answer(200, told), shop, NUMBER) == Approved("4200000001", 1280)
    for other in ({"sub_mchid": "9"}, {"sp_mchid": "9"}, {"sub_mchid": ""}):
        with pytest.raises(OutcomeUnknown):
            query_answer(Answer(200, {**told, **other}), shop, NUMBER)
    with pytest.raises(OutcomeUnknown):
        query_answer(Answer(200, PAID), shop, NUMBER)


@pytest.mark.parametrize("code", ["ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"])
def test_an_order_that_the_channel_does_not_know_is_not_found(options, code):
    assert query_answer(refused(code, 404), options, NUMBER) == NotFound()
    for status in (400, 500):
        with pytest.raises((Refused, OutcomeUnknown)):
            query_answer(refused(code, status), options, NUMBER)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("SIGN_ERROR", 401, Refused),
        ("NO_AUTH", 403, Refused),
        ("PARAM_ERROR", 400, Refused),
        ("SYSTEM_ERROR", 500, OutcomeUnknown),
        ("NEVER_SEEN", 400, OutcomeUnknown),
        ("PARAM_ERROR", 500, OutcomeUnknown),
        ("", 204, OutcomeUnknown),
    ],
)
def test_a_query_that_is_refused_says_why(options, code, status, error):
    with pytest.raises(error) as raised:
        query_answer(refused(code, status), options, NUMBER)
    assert "…9202" in str(raised.value)
    assert "13141516" not in str(raised.value)


# --- closing


def test_only_204_has_closed_an_order():
    assert close_answer(Answer(204, {})) == Reversed()
    assert close_answer(refused("ORDER_CLOSED")) == Reversed()
    for status in (200, 202, 301, 500):
        with pytest.raises(OutcomeUnknown):
            close_answer(Answer(status, {}))
    with pytest.raises(OutcomeUnknown):
        close_answer(refused("ORDER_CLOSED", 500))


@pytest.mark.parametrize(
    "answer",
    [
        refused("ORDERPAID"),
        refused("ORDER_PAID"),
        refused("INVALID_REQUEST", number="268449538"),
        refused("TRADE_ERROR", 403, number="268498689"),
    ],
    ids=lambda answer: f"{answer.code} {answer.number}",
)
def test_an_order_that_was_paid_is_not_closed_and_says_so(answer):
    with pytest.raises(Refused) as error:
        close_answer(answer)
    assert error.value.code in errors.CLOSE_PAID


@pytest.mark.parametrize(
    ("code", "status"),
    [("SYSTEM_ERROR", 500), ("SIGN_ERROR", 401), ("FREQUENCY_LIMITED", 429), ("NEVER_SEEN", 400)],
)
def test_everything_else_is_closed_again_later(code, status):
    with pytest.raises(OutcomeUnknown):
        close_answer(refused(code, status))
    assert close_answer(refused("ORDER_NOT_EXIST", 404)) == NotFound()


# --- money back


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        ("SUCCESS", RefundDone("5030000001", 500)),
        ("PROCESSING", RefundAccepted("5030000001")),
        ("CLOSED", RefundClosed("CLOSED")),
        ("ABNORMAL", RefundAbnormal("ABNORMAL")),
    ],
)
def test_every_status_of_a_refund_is_a_fact(status, fact):
    answer = Answer(200, {**TOLD, "status": status})
    assert refund_answer(answer, ABOUT, ORDER.amount) == fact
    assert known_refund(answer, ABOUT).answer == fact


def test_a_number_with_another_amount_is_another_tills():
    said = refund_answer(Answer(200, TOLD), ABOUT, Money(499))
    assert said == RefundClosed("NUMBER_TAKEN")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "CHANGE"},
        {"status": ""},
        {"refund_id": ""},
        {"out_refund_no": "OTHER"},
        {"out_refund_no": ""},
        {"out_trade_no": "OTHER"},
        {"out_trade_no": ""},
        {"amount": {"refund": "500"}},
        {"amount": {"total": 500}},
        {"amount": {"refund": 500, "currency": "USD"}},
        {"amount": []},
    ],
)
def test_an_answer_that_is_not_of_this_refund_proves_nothing(changes):
    with pytest.raises(OutcomeUnknown):
        refund_answer(Answer(200, {**TOLD, **changes}), ABOUT, ORDER.amount)


CLOSED = [
    "INVALID_REQUEST",
    "USER_ACCOUNT_ABNORMAL",
    "RESOURCE_NOT_EXISTS",
    "MCH_NOT_EXISTS",
    "NO_AUTH",
    "PARAM_ERROR",
]
AGAIN = ["SYSTEM_ERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "NOT_ENOUGH", "SIGN_ERROR"]


def test_the_table_has_no_verdict_beyond_these_lists():
    ours = {"NUMBER_TAKEN", "CLOSED"}  # our own word, and a status
    closed = {
        code for code, rule in refund_errors.RULES.items() if rule.verdict is RefundVerdict.CLOSED
    }
    assert closed == {*CLOSED, *ours}
    assert set(refund_errors.RULES) - closed == {*AGAIN, "ABNORMAL"}


@pytest.mark.parametrize("code", CLOSED)
def test_a_definite_refusal_closes_the_refund(code):
    assert refund_answer(refused(code), ABOUT, ORDER.amount) == RefundClosed(code, "不行 …9202")
    with pytest.raises(OutcomeUnknown):
        refund_answer(refused(code, 500), ABOUT, ORDER.amount)


@pytest.mark.parametrize("code", [*AGAIN, "NEVER_SEEN", ""])
def test_any_other_refusal_is_asked_again_with_the_same_number(code):
    for status in (400, 403, 429, 500, 204):
        with pytest.raises(OutcomeUnknown):
            refund_answer(refused(code, status), ABOUT, ORDER.amount)


# --- what people read


def test_every_code_has_a_sentence_for_the_shopper_and_a_cause_for_staff():
    for code, rule in errors.RULES.items():
        assert shopper_key(code) in SHOPPER_KEYS
        assert rule.shopper in SHOPPER_KEYS
        assert code in staff_text(code).cause
        assert re.fullmatch(r"[A-Za-z].+\.|", rule.mend)
    for code, rule in refund_errors.RULES.items():
        assert code in refund_staff_text(code).cause
        assert re.fullmatch(r"[A-Z].+\.|", rule.mend)
    assert "balance" in refund_staff_text("NOT_ENOUGH").cause
    assert "portal" in refund_staff_text("ABNORMAL").mend


def test_a_mend_reaches_staff_with_the_unknown_outcome():
    with pytest.raises(OutcomeUnknown) as error:
        refund_answer(refused("NOT_ENOUGH", 403), ABOUT, replace(ORDER).amount)
    assert "Top it up" in error.value.mend
