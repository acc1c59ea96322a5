"""From a channel's error code to what the shopper reads and what staff do.

The shopper's sentences are keys of the catalogue (`say.<key>`), few and stable; staff get the cause
and the mend in plain English, as everywhere else in the product.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.channels.gateway import errors as gateway_errors
from kiosk.channels.wechatpay import errors, refund_errors
from kiosk.channels.wechatpay.v3 import errors as v3_errors
from kiosk.channels.wechatpay.v3 import refund_errors as v3_refund_errors

SHOPPER_KEYS = frozenset(
    {
        "declined.balance",
        "declined.card",
        "declined.code_expired",
        "declined.code_used",
        "declined.wrong_code",
        "declined.limit",
        "declined.password",
        "declined.unavailable",
        "declined.other",
    }
)


@dataclass(frozen=True, slots=True)
class StaffText:
    """What happened and what mends it; `mend` is empty where nothing needs to be done."""

    cause: str
    mend: str


def shopper_key(err_code: str, message: str = "") -> str:
    """One of `SHOPPER_KEYS` for a Declined's code; its message tells causes of one code apart."""
    if err_code in gateway_errors.RULES:
        return gateway_errors.RULES[err_code].shopper
    if err_code in v3_errors.RULES and err_code not in errors.RULES:
        return v3_errors.rule_of(err_code).shopper
    return errors.shopper_text(err_code, message)


def staff_text(err_code: str) -> StaffText:
    """Cause and mend for a Declined's code; the cause of an unknown one names it."""
    rule = gateway_errors.RULES.get(err_code) or errors.RULES.get(err_code)
    rule = rule or v3_errors.rule_of(err_code)
    cause = f"{rule.cause} ({err_code})" if err_code else rule.cause
    return StaffText(cause, rule.mend)


def refund_staff_text(code: str) -> StaffText:
    """Cause and mend for the code of a RefundClosed or a RefundAbnormal."""
    rule = gateway_errors.REFUND_RULES.get(code) or refund_errors.RULES.get(code)
    rule = rule or v3_refund_errors.rule_of(code)
    cause = f"{rule.cause} ({code})" if code else rule.cause
    return StaffText(cause, rule.mend)
