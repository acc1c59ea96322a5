"""Notices of the third-version wire: sealed for the merchant and signed in the headers.

    {id, create_time, event_type, resource_type, summary, resource: {ciphertext, nonce, …}}

Taken with 200 or 204.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kiosk.sandbox.clock import zoned
from kiosk.sandbox.letters import Letter
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.notices import News, Notice
from kiosk.sandbox.posting import Answer
from kiosk.sandbox.scripts import Faults
from kiosk.sandbox.v3.wire import SIGNTEST, Signer
from kiosk.sandbox.v3.words import notified_refund, of_order, refund_state

_SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


@dataclass(frozen=True, slots=True)
class JsonLetters:
    """Implements `Letters`."""

    merchant: Merchant
    signer: Signer

    def write(self, notice: Notice, news: News, faults: Faults) -> Letter:
        if news.refund is None:
            event, content = "TRANSACTION.SUCCESS", of_order(news.order, self.merchant)
        else:
            event = f"REFUND.{refund_state(news.refund)}"
            content = notified_refund(news.refund, news.order, self.merchant)
        plain = json.dumps(content, ensure_ascii=False).encode()
        body = _envelope(notice, event, self.signer.seal(plain, notice.kind))
        signature = ""
        if "signtest" in faults or "wrong-signature" in faults:
            signature = self.signer.wrong(SIGNTEST if "signtest" in faults else "")
        headers = self.signer.headers(body, signature=signature)
        return Letter({"Content-Type": "application/json", **headers}, body, sound=not signature)

    def taken(self, answer: Answer) -> bool:
        return answer.status in {200, 204}


def _envelope(notice: Notice, event_type: str, resource: dict[str, Any]) -> bytes:
    """The body of a notify around its sealed content."""
    told = {
        "id": notice.event_id,
        "create_time": zoned(notice.created_at),
        "event_type": event_type,
        "resource_type": "encrypt-resource",
        "summary": _SUMMARIES[event_type],
        "resource": {**resource, "original_type": notice.kind},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
