"""What each answer about a refund means for the money, as tables."""

from __future__ import annotations

import pytest

from kiosk.channels.channel import NotFound, OutcomeUnknown, RefundOrder, Refused
from kiosk.channels.texts import refund_staff_text
from kiosk.channels.wechatpay import refund_errors
from kiosk.channels.wechatpay.client import Answer
from kiosk.channels.wechatpay.refund_answers import one_refund, refund_answer, refund_page
from kiosk.channels.wechatpay.refund_errors import RefundVerdict
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone

NUMBER, REFUND_NO = "S1D01T20261121000001", "S1D01T20261121000001R1"
ORDER = RefundOrder(NUMBER, REFUND_NO, Money(1280), Money(500), "too ripe")
ABOUT = {"out_trade_no": NUMBER}
OURS = {"appid": "wx2421b1c4370ec43b", "mch_id": "1230000109", "out_trade_no": NUMBER}
TAKEN = {"out_refund_no": REFUND_NO, "refund_id": "5030000001", "refund_fee": "500"}


def done(**fields: str) -> Answer:
    return Answer({"return_code": "SUCCESS", "result_code": "SUCCESS", **OURS, **fields})


def failed(err_code: str, text: str = "", **fields: str) -> Answer:
    return Answer(
        {"return_code": "SUCCESS", "result_code": "FAIL", **OURS, "err_code": err_code}
        | {"err_code_des": text, **fields}
    )


def bare(text: str) -> Answer:
    return Answer({"return_code": "FAIL", "return_msg": text})


def listed(*refunds: dict[str, str], **fields: str) -> Answer:
    """A refundquery's answer; each refund changes some of the usual one's fields."""
    usual = {"out_refund_no": REFUND_NO, "refund_fee": "500", "refund_status": "SUCCESS"}
    indexed = {
        f"{name}_{n}": value
        for n, refund in enumerate(refunds)
        for name, value in {**usual, "refund_id": f"503000000{n + 1}", **refund}.items()
    }
    return done(refund_count=str(len(refunds)), **indexed, **fields)


DEFINITE = [
    "TRADE_OVERDUE",
    "USER_ACCOUNT_ABNORMAL",
    "ERROR",
    "INVALID_REQUEST",
    "TRADE_STATE_ERROR",
    "REFUND_FEE_INVALID",
    "REFUND_FEE_MISMATCH",
    "ORDERNOTEXIST",
    "INVALID_TRANSACTIONID",
    "NOAUTH",
    "NO_AUTH",
    "CERT_ERROR",
    "SIGNERROR",
    "APPID_NOT_EXIST",
    "MCHID_NOT_EXIST",
    "APPID_MCHID_NOT_MATCH",
    "PARAM_ERROR",
    "LACK_PARAMS",
    "XML_FORMAT_ERROR",
    "POST_DATA_EMPTY",
    "NOT_UTF8",
    "REQUIRE_POST_METHOD",
]
OPEN = [
    "SYSTEMERROR",
    "BIZERR_NEED_RETRY",
    "FREQUENCY_LIMITED",
    "INVALID_REQ_TOO_MUCH",
    "ORDER_NOT_READY",
    "NOTENOUGH",
    "NEVER_SEEN_BEFORE",
    "",
]


@pytest.mark.parametrize("err_code", DEFINITE)
def test_a_definite_refusal_of_a_refund_closes_it(options, err_code):
    said = refund_answer(failed(err_code, "原因"), options(), ORDER)
    assert said == RefundClosed(err_code, "原因")


@pytest.mark.parametrize("err_code", OPEN)
def test_any_other_refusal_is_asked_again(options, err_code):
    with pytest.raises(OutcomeUnknown):
        refund_answer(failed(err_code), options(), ORDER)
    with pytest.raises(OutcomeUnknown):
        refund_page(failed(err_code), options(), ABOUT)


def test_the_two_tables_above_are_all_codes_of_a_refused_request():
    statuses = {"REFUNDCLOSE", "CHANGE", refund_errors.NUMBER_TAKEN}
    assert set(refund_errors.RULES) - statuses == {*DEFINITE, *OPEN} - {"NEVER_SEEN_BEFORE", ""}


def test_an_empty_merchant_account_keeps_the_refund_and_tells_what_to_do(options):
    with pytest.raises(OutcomeUnknown, match="balance") as error:
        refund_answer(failed("NOTENOUGH", "余额不足"), options(), ORDER)
    assert "Top it up" in error.value.mend


@pytest.mark.parametrize(
    ("text", "code"),
    [("签名错误", "SIGNERROR"), ("invalid refund_fee", "PARAM_ERROR"), ("缺少参数", "LACK_PARAMS")],
)
def test_a_bare_failure_is_definite_for_the_text_of_a_validation(options, text, code):
    assert refund_answer(bare(text), options(), ORDER) == RefundClosed(code, text)
    with pytest.raises(Refused):
        refund_page(bare(text), options(), ABOUT)


@pytest.mark.parametrize("text", ["", "OK", "系统繁忙"])
def test_any_other_bare_failure_is_unknown(options, text):
    with pytest.raises(OutcomeUnknown):
        refund_answer(bare(text), options(), ORDER)


def test_an_accepted_refund_is_not_yet_done(options):
    assert refund_answer(done(**TAKEN), options(), ORDER) == RefundAccepted("5030000001")


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_id": ""},
        {"refund_fee": ""},
        {"refund_fee": "5.00"},
        {"out_refund_no": ""},
        {"out_refund_no": "other"},
        {"out_trade_no": "other"},
        {"mch_id": "other"},
    ],
)
def test_an_acceptance_that_is_not_ours_or_not_whole_is_unknown(options, changes):
    with pytest.raises(OutcomeUnknown):
        refund_answer(done(**{**TAKEN, **changes}), options(), ORDER)


def test_an_acceptance_of_another_amount_is_another_tills(options):
    said = refund_answer(done(**{**TAKEN, "refund_fee": "499"}), options(), ORDER)
    assert said == RefundClosed("NUMBER_TAKEN")


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        ("SUCCESS", RefundDone("5030000001", 500)),
        ("PROCESSING", RefundAccepted("5030000001")),
        ("REFUNDCLOSE", RefundClosed("REFUNDCLOSE")),
        ("CHANGE", RefundAbnormal("CHANGE")),
    ],
)
def test_each_refund_status_is_one_fact(options, status, fact):
    page = refund_page(listed({"refund_status": status}), options(), ABOUT)
    assert one_refund(page, ORDER) == fact


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_status": ""},
        {"refund_status": "success"},
        {"refund_status": "NEVER_SEEN_BEFORE"},
        {"refund_fee": ""},
        {"refund_fee": "-500"},
        {"refund_id": ""},
        {"out_refund_no": "other"},
    ],
)
def test_a_refund_that_is_not_told_whole_is_unknown(options, changes):
    with pytest.raises(OutcomeUnknown):
        one_refund(refund_page(listed(changes), options(), ABOUT), ORDER)


def test_the_number_of_another_tills_refund_is_closed_to_us(options):
    page = refund_page(listed({"refund_fee": "499"}), options(), ABOUT)
    assert one_refund(page, ORDER) == RefundClosed("NUMBER_TAKEN")


@pytest.mark.parametrize("err_code", ["REFUNDNOTEXIST", "ORDERNOTEXIST"])
def test_a_refund_that_the_channel_does_not_know_is_not_found(options, err_code):
    page = refund_page(failed(err_code), options(), ABOUT)
    assert page == NotFound()
    assert one_refund(page, ORDER) == NotFound()


def test_a_page_that_counts_other_refunds_than_it_lists_is_unknown(options):
    for answer in (listed({}, {}), listed({})):
        wrong = Answer({**answer.fields, "refund_count": "3"})
        with pytest.raises(OutcomeUnknown, match="counts"):
            refund_page(wrong, options(), ABOUT)
    twice = listed({}, {"refund_id": "5030000001"})
    with pytest.raises(OutcomeUnknown, match="counts"):
        refund_page(twice, options(), ABOUT)


def test_a_page_is_read_wherever_its_indexes_begin(options):
    # The document leaves open whether a later page counts on or begins at 0 again.
    for first in (0, 10):
        fields = {
            f"{name}_{first + n}": value
            for n in range(2)
            for name, value in {
                "out_refund_no": f"R{n}",
                "refund_id": f"50{n}",
                "refund_fee": "1",
                "refund_status": "SUCCESS",
            }.items()
        }
        page = refund_page(
            done(refund_count="2", total_refund_count="12", **fields), options(), ABOUT
        )
        assert [refund.out_refund_no for refund in page.refunds.values()] == ["R0", "R1"]
        assert page.altogether == 12


def test_a_closed_refund_keeps_four_digits_of_a_number_that_its_text_repeats(options):
    said = refund_answer(failed("ERROR", "卡号6222021234567890123有误"), options(), ORDER)
    assert said == RefundClosed("ERROR", "卡号…0123有误")


def test_staff_read_a_cause_for_every_code_and_where_they_can_do_something_what():
    for code, rule in refund_errors.RULES.items():
        assert refund_staff_text(code).cause == f"{rule.cause} ({code})"
    assert "portal" in refund_staff_text("CHANGE").mend
    assert refund_staff_text("").cause == refund_errors.OTHER.cause
    assert refund_errors.OTHER.verdict is RefundVerdict.AGAIN
