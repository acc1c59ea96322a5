"""What each answer of the channel means for the money, as tables."""

from __future__ import annotations

import pytest

from kiosk.channels.channel import NotFound, OutcomeUnknown, Refused
from kiosk.channels.texts import SHOPPER_KEYS, shopper_key, staff_text
from kiosk.channels.wechatpay import errors
from kiosk.channels.wechatpay.answers import (
    authinfo_answer,
    pay_answer,
    query_answer,
    reverse_answer,
)
from kiosk.channels.wechatpay.client import Answer
from kiosk.channels.wechatpay.trust import masked
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting

NUMBER = "S1D01T20261121000001"
OURS = {"appid": "wx2421b1c4370ec43b", "mch_id": "1230000109", "out_trade_no": NUMBER}
PAID = {"transaction_id": "4200000001", "total_fee": "1280"}


def done(**fields: str) -> Answer:
    return Answer({"return_code": "SUCCESS", "result_code": "SUCCESS", **OURS, **fields})


def failed(err_code: str, text: str = "", **fields: str) -> Answer:
    return Answer(
        {"return_code": "SUCCESS", "result_code": "FAIL", **OURS, "err_code": err_code}
        | {"err_code_des": text, **fields}
    )


def bare(text: str, return_code: str = "FAIL", **fields: str) -> Answer:
    return Answer({"return_code": return_code, "return_msg": text, **fields})


DEFINITE = [
    "AUTHCODEEXPIRE",
    "AUTH_CODE_ERROR",
    "AUTH_CODE_INVALID",
    "NOTENOUGH",
    "NOTSUPORTCARD",
    "NOAUTH",
    "ORDERCLOSED",
    "ORDERREVERSED",
    "BUYER_MISMATCH",
    "TRADE_ERROR",
    "INVALID_REQUEST",
    "APPID_NOT_EXIST",
    "MCHID_NOT_EXIST",
    "APPID_MCHID_NOT_MATCH",
    "LACK_PARAMS",
    "XML_FORMAT_ERROR",
    "POST_DATA_EMPTY",
    "NOT_UTF8",
    "REQUIRE_POST_METHOD",
    "SIGNERROR",
    "PARAM_ERROR",
]


@pytest.mark.parametrize("err_code", DEFINITE)
def test_a_definite_failure_of_a_payment_is_declined(options, err_code):
    said = pay_answer(failed(err_code, "原因"), options(), NUMBER)
    assert said == Declined(err_code, "原因")


@pytest.mark.parametrize(
    "err_code",
    ["SYSTEMERROR", "BANKERROR", "ORDERPAID", "OUT_TRADE_NO_USED", "", "NEVER_SEEN_BEFORE"],
)
def test_an_open_failure_of_a_payment_is_unknown(options, err_code):
    with pytest.raises(OutcomeUnknown):
        pay_answer(failed(err_code), options(), NUMBER)


def test_a_payment_that_the_shopper_confirms_waits_and_a_payerror_is_undone(options):
    assert pay_answer(failed("USERPAYING"), options(), NUMBER) == Waiting("USERPAYING")
    assert pay_answer(failed("PAYERROR"), options(), NUMBER) == PayError("PAYERROR")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("签名错误", "SIGNERROR"),
        ("post数据为空", "POST_DATA_EMPTY"),
        ("XML格式错误", "XML_FORMAT_ERROR"),
        ("缺少参数total_fee", "LACK_PARAMS"),
        ("appid和mch_id不匹配", "APPID_MCHID_NOT_MATCH"),
        ("appid不存在", "APPID_NOT_EXIST"),
        ("mch_id不存在", "MCHID_NOT_EXIST"),
    ],
)
def test_a_bare_failure_is_definite_for_the_text_of_a_validation(options, text, code):
    assert pay_answer(bare(text), options(), NUMBER) == Declined(code, text)
    with pytest.raises(Refused) as error:
        query_answer(bare(text), options(), NUMBER)
    assert error.value.code == code
    with pytest.raises(OutcomeUnknown):
        reverse_answer(bare(text), options(), NUMBER)


@pytest.mark.parametrize(
    "answer",
    [
        bare(""),
        bare("系统繁忙"),
        bare("OK"),
        bare("签名错误", return_code=""),
        bare("签名错误", return_code="SYSTEMERROR"),
        bare("签名错误", result_code="SUCCESS"),
    ],
)
def test_any_other_bare_failure_is_unknown(options, answer):
    with pytest.raises(OutcomeUnknown):
        pay_answer(answer, options(), NUMBER)


@pytest.mark.parametrize(
    ("trade_state", "fact"),
    [
        ("SUCCESS", Approved("4200000001", 1280)),
        ("REFUND", Approved("4200000001", 1280)),
        ("USERPAYING", Waiting("USERPAYING")),
        ("NOTPAY", Waiting("NOTPAY")),
        ("ACCEPT", Waiting("ACCEPT")),
        ("CLOSED", Declined("CLOSED", "说明")),
        ("REVOKED", Declined("REVOKED", "说明")),
        ("PAYERROR", PayError("PAYERROR")),
    ],
)
def test_each_trade_state_is_one_fact(options, trade_state, fact):
    answer = done(trade_state=trade_state, trade_state_desc="说明", **PAID)
    assert query_answer(answer, options(), NUMBER) == fact


@pytest.mark.parametrize("trade_state", ["", "success", "NEVER_SEEN_BEFORE"])
def test_an_unknown_trade_state_is_unknown(options, trade_state):
    with pytest.raises(OutcomeUnknown):
        query_answer(done(trade_state=trade_state, **PAID), options(), NUMBER)


def test_a_query_of_an_unknown_number_proves_nothing(options):
    assert query_answer(failed("ORDERNOTEXIST"), options(), NUMBER) == NotFound()
    with pytest.raises(OutcomeUnknown):
        query_answer(failed("SYSTEMERROR"), options(), NUMBER)


@pytest.mark.parametrize(
    "fields",
    [
        {"total_fee": "", "transaction_id": "1"},
        {"total_fee": "12.80", "transaction_id": "1"},
        {"total_fee": "-1", "transaction_id": "1"},
        {"total_fee": "１２", "transaction_id": "1"},
        {"total_fee": "1280", "transaction_id": ""},
        {"total_fee": "1280", "transaction_id": "1", "fee_type": "HKD"},
    ],
)
def test_paid_without_an_amount_and_a_number_is_unknown(options, fields):
    with pytest.raises(OutcomeUnknown):
        pay_answer(done(**fields), options(), NUMBER)
    with pytest.raises(OutcomeUnknown):
        query_answer(done(trade_state="SUCCESS", **fields), options(), NUMBER)


def test_the_amount_is_told_as_the_channel_says_it(options):
    said = pay_answer(done(transaction_id="1", total_fee="1"), options(), NUMBER)
    assert said == Approved("1", 1)


@pytest.mark.parametrize(
    "answer",
    [
        done(recall="Y"),
        done(),
        *(
            failed(code)
            for code in (
                "SYSTEMERROR",
                "USERPAYING",
                "TRADE_ERROR",
                "INVALID_REQUEST",
                "INVALID_TRANSACTIONID",
                "PARAM_ERROR",
                "SIGNERROR",
                "NEVER_SEEN_BEFORE",
            )
        ),
    ],
)
def test_a_reversal_that_is_not_done_is_asked_for_again(options, answer):
    with pytest.raises(OutcomeUnknown):
        reverse_answer(answer, options(), NUMBER)


def test_a_reversal_is_done_when_the_channel_says_so(options):
    assert reverse_answer(done(recall="N", out_trade_no=""), options(), NUMBER) == Reversed()
    assert reverse_answer(failed("ORDERCLOSED"), options(), NUMBER) == Reversed()
    assert reverse_answer(failed("ORDERNOTEXIST"), options(), NUMBER) == NotFound()


def test_a_reversal_after_seven_days_is_refused_for_good(options):
    with pytest.raises(Refused) as error:
        reverse_answer(failed("REVERSE_EXPIRE", "订单已超过可撤销的时间"), options(), NUMBER)
    assert error.value.code == "REVERSE_EXPIRE"


@pytest.mark.parametrize("name", ["appid", "mch_id", "out_trade_no", "sub_mch_id"])
def test_no_answer_about_somebody_else_is_believed(options, name):
    ours = options(sub_mch_id="1900000109")
    for ask in (pay_answer, query_answer, reverse_answer):
        for answer in (
            done(trade_state="SUCCESS", recall="N", **PAID),
            failed("NOTENOUGH"),
            failed("ORDERNOTEXIST"),
        ):
            wrong = Answer({**answer.fields, name: "other"})
            with pytest.raises(OutcomeUnknown, match=name):
                ask(wrong, ours, NUMBER)


def test_a_failure_may_leave_out_whom_it_is_about(options):
    answer = Answer({"return_code": "SUCCESS", "result_code": "FAIL", "err_code": "NOTENOUGH"})
    assert pay_answer(answer, options(), NUMBER) == Declined("NOTENOUGH", "")


@pytest.mark.parametrize(
    "answer",
    [
        bare("系统错误", return_code="SYSTEMERROR"),
        bare("", return_code=""),
        done(authinfo="A==", expires_in=""),
        done(authinfo="A==", expires_in="-1"),
        done(authinfo="", expires_in="3600"),
        done(authinfo="A==", expires_in="3600", mch_id="other"),
        done(authinfo="A==", expires_in="3600", appid=""),
    ],
)
def test_an_authinfo_that_is_not_whole_is_none(options, answer):
    with pytest.raises(OutcomeUnknown):
        authinfo_answer(answer, options())


def test_a_refusal_keeps_four_digits_of_the_code_that_it_repeats(options):
    text = "输入源auth_code映射的值“134567890123456789”\n不符合规则 ^1[0-6][0-9]{16}$"
    said = pay_answer(failed("PARAM_ERROR", text), options(), NUMBER)
    assert isinstance(said, Declined)
    assert "…6789" in said.message
    assert "34567" not in said.message
    assert "\n" not in said.message


def test_a_kept_text_is_short():
    assert len(masked("长" * 5000)) == 200


@pytest.mark.parametrize(
    ("err_code", "text", "key"),
    [
        ("NOTENOUGH", "", "declined.balance"),
        ("NOTSUPORTCARD", "", "declined.card"),
        ("AUTHCODEEXPIRE", "101 付款码已过期，请刷新再试", "declined.code_expired"),
        ("AUTHCODEEXPIRE", "101 每个二维码仅限使用一次，请刷新再试", "declined.code_used"),
        ("INVALID_REQUEST", "101 付款码已过期", "declined.code_expired"),
        ("AUTH_CODE_ERROR", "", "declined.code_used"),
        ("AUTH_CODE_INVALID", "", "declined.wrong_code"),
        ("PARAM_ERROR", "/body/xml/auth_code 不符合规则", "declined.wrong_code"),
        ("PARAM_ERROR", "face_code已被使用", "declined.code_used"),
        ("PARAM_ERROR", "face_code业务信息不匹配", "declined.unavailable"),
        ("TRADE_ERROR", "用户没有输入支付密码", "declined.password"),
        ("TRADE_ERROR", "余额不足", "declined.balance"),
        ("TRADE_ERROR", "", "declined.other"),
        ("NOAUTH", "刷脸支付超出限额", "declined.limit"),
        ("SIGNERROR", "", "declined.unavailable"),
        ("REVOKED", "", "declined.other"),
        ("NEVER_SEEN_BEFORE", "", "declined.other"),
        ("", "", "declined.other"),
    ],
)
def test_the_shopper_reads_one_of_a_few_sentences(err_code, text, key):
    assert shopper_key(err_code, text) == key


def test_every_rule_has_a_sentence_for_the_shopper_and_a_cause_for_staff():
    for err_code, rule in errors.RULES.items():
        assert shopper_key(err_code) in SHOPPER_KEYS
        assert staff_text(err_code).cause == f"{rule.cause} ({err_code})"
    assert {rule.shopper for rule in errors.RULES.values()} <= SHOPPER_KEYS
    assert staff_text("SIGNERROR").mend == "Check the APIv2 key and sign_type."
    assert staff_text("").cause
