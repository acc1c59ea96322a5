"""What WeChat Pay tells by itself: a signed envelope, and inside it a sealed event.

    TRANSACTION.SUCCESS                    ─► PaymentTold
    REFUND.SUCCESS · ABNORMAL · CLOSED     ─► RefundTold
    anything else that is well signed      ─► None: to be accepted and forgotten

Nothing is opened before signature and age are right. A receiver answers 200 or 204 to what was read
and a 4xx to what raised ValueError; it has five seconds. The same notice comes up to fifteen times,
in any order and beside the queries: whoever takes it must be able to take it twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.channels.channel import PaymentTold, RefundTold
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

log = logging.getLogger(__name__)

_PAID = "TRANSACTION.SUCCESS"
_REFUNDED = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})


Notice = PaymentTold | RefundTold | None


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
    event_type = documents.text(envelope, "event_type")
    if not documents.text(envelope, "id") or not event_type:
        raise ValueError("a notice that does not say which it is")
    if event_type != _PAID and event_type not in _REFUNDED:
        log.info("notice without a concern here event_type=%s", masked(event_type))
        return None
    event = documents.parse(signing.opened(options.key, envelope.get("resource")))
    if event_type == _PAID:
        return _payment(event, options)
    return _refund(event, options)


def _payment(event: Document, options: WechatNativeOptions) -> PaymentTold:
    about = {**parties(options), "out_trade_no": ""}
    said = order_state(event, about)
    if not isinstance(said, Approved):
        raise ValueError("a payment that succeeded, and was not paid")  # noqa: TRY004 - see above
    return PaymentTold(documents.text(event, "out_trade_no"), said)


def _refund(event: Document, options: WechatNativeOptions) -> RefundTold:
    # Whose it is stands under either name in a service provider's notices.
    ours = {"sp_mchid": options.mch_id, "mchid": options.mch_id, "sub_mchid": options.sub_mch_id}
    named = {name: number for name, number in ours.items() if documents.text(event, name)}
    if not named.keys() & {"sp_mchid", "mchid"}:
        raise ValueError("a refund that does not say whose it is")
    refund = notified_refund(event, {**named, "out_trade_no": "", "out_refund_no": ""})
    return RefundTold(documents.text(event, "out_trade_no"), refund)
