"""What WeChat Pay tells by itself: a signed envelope, and inside it a sealed event.

    TRANSACTION.SUCCESS                    ─► PaymentSucceeded
    REFUND.SUCCESS · ABNORMAL · CLOSED     ─► RefundEnded
    anything else that is well signed      ─► OtherEvent: to be accepted and forgotten

Nothing is opened before signature and age are right. A receiver answers 200 or 204 to what was read
and a 4xx to what raised ValueError; it has five seconds. The same notice comes up to fifteen times,
in any order and beside the queries: whoever takes it must be able to take it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.channels.channel import KnownRefund
from kiosk.channels.wechatpay.trust import masked
from kiosk.channels.wechatpay.v3 import documents, signing
from kiosk.channels.wechatpay.v3.answers import order_state
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.v3.proof import verify
from kiosk.channels.wechatpay.v3.refund_answers import notified_refund
from kiosk.channels.wechatpay.v3.trust import parties
from kiosk.domain.payment import Approved

LIMIT = 64 * 1024
"""Bytes of a notice; the largest genuine ones have a tenth of it."""

_PAID = "TRANSACTION.SUCCESS"
_REFUNDED = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})


@dataclass(frozen=True, slots=True)
class PaymentSucceeded:
    """An order was paid; `id` is the same however often it is told."""

    id: str
    out_trade_no: str
    said: Approved


@dataclass(frozen=True, slots=True)
class RefundEnded:
    """A refund is done, closed or abnormal; `refund` has its number and amount."""

    id: str
    out_trade_no: str
    refund: KnownRefund


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """Something that a kiosk has no part in."""

    id: str
    event_type: str


Notice = PaymentSucceeded | RefundEnded | OtherEvent


def read_notice(
    headers: Mapping[str, str],
    body: bytes,
    options: WechatNativeOptions,
    find: Callable[[str], RSAPublicKey | None],
    now: float,
) -> Notice:
    """What a notify says; `find` gives WeChat Pay's keys by name, `now` is Unix seconds.

    Raises ValueError for everything that WeChat Pay did not write, for us, within five minutes.
    """
    if len(body) > LIMIT:
        raise ValueError(f"a notice of more than {LIMIT} bytes")
    verify({name.lower(): said for name, said in headers.items()}, body, find, now)
    envelope = documents.parse(body)
    event_id, event_type = documents.text(envelope, "id"), documents.text(envelope, "event_type")
    if not event_id or not event_type:
        raise ValueError("a notice that does not say which it is")
    if event_type != _PAID and event_type not in _REFUNDED:
        return OtherEvent(event_id, masked(event_type))
    event = documents.parse(signing.opened(options.key, envelope.get("resource")))
    if event_type == _PAID:
        return _payment(event_id, event, options)
    return _refund(event_id, event, options)


def _payment(event_id: str, event: Document, options: WechatNativeOptions) -> PaymentSucceeded:
    about = {**parties(options), "out_trade_no": ""}
    said = order_state(event, about)
    if not isinstance(said, Approved):
        raise ValueError("a payment that succeeded, and was not paid")  # noqa: TRY004 - see above
    return PaymentSucceeded(event_id, documents.text(event, "out_trade_no"), said)


def _refund(event_id: str, event: Document, options: WechatNativeOptions) -> RefundEnded:
    # Whose it is stands under either name in a service provider's notices.
    ours = {"sp_mchid": options.mch_id, "mchid": options.mch_id, "sub_mchid": options.sub_mch_id}
    named = {name: number for name, number in ours.items() if documents.text(event, name)}
    if not named.keys() & {"sp_mchid", "mchid"}:
        raise ValueError("a refund that does not say whose it is")
    refund = notified_refund(event, {**named, "out_trade_no": "", "out_refund_no": ""})
    return RefundEnded(event_id, documents.text(event, "out_trade_no"), refund)
