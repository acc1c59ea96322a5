"""/pay/unifiedorder with trade_type NATIVE: an order whose code the shopper scans.

The same orders as those of the third-version wire; query, close and refund know no difference.
"""

from __future__ import annotations

import json
from datetime import datetime

from kiosk.sandbox.clock import BEIJING, Clock, stamp
from kiosk.sandbox.fields import UNIFIED, Refused, check
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.offers import Offered, Offers
from kiosk.sandbox.order import TradeType, Wire
from kiosk.sandbox.reply import Act, Answers, Reply, decline
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields

_OF_THE_REQUEST = {"nonce_str", "sign", "time_start"}
"""Fields that are not of the order: a repeat may have others."""


class NativeCalls:
    """Making an order for the shopper to scan."""

    def __init__(self, merchant: Merchant, answers: Answers, clock: Clock, offers: Offers) -> None:
        self._merchant = merchant
        self._answers = answers
        self._clock = clock
        self._offers = offers

    def acts(self) -> dict[Api, Act]:
        """What each call does."""
        return {Api.NATIVE: self._unifiedorder}

    def _unifiedorder(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, UNIFIED)
        self._merchant.check_pair(fields)
        decline(faults)
        order = self._offers.make(self._offered(fields))
        answer = {
            **self._answers.accepted(fields),
            "device_info": order.device_info,
            "trade_type": TradeType.NATIVE.value,
            "prepay_id": f"wx{stamp(order.created_at)}{order.transaction_id[-20:]}",
            "code_url": order.code_url,
        }
        return Reply(answer, "SUCCESS")

    def _offered(self, fields: Fields) -> Offered:
        kept = {name: value for name, value in fields.items() if name not in _OF_THE_REQUEST}
        return Offered(
            out_trade_no=fields["out_trade_no"],
            total_fee=int(fields["total_fee"]),
            body=fields["body"],
            attach=fields.get("attach", ""),
            device_info=fields.get("device_info", ""),
            sub_mch_id=fields.get("sub_mch_id", ""),
            notify_url=fields["notify_url"],
            lives=self._lives(fields.get("time_expire", "")),
            asked=json.dumps(kept, sort_keys=True),
            wire=Wire.XML,
        )

    def _lives(self, time_expire: str) -> float | None:
        """Seconds from now, by the machine's clock as all that travels; None for the longest."""
        if not time_expire:
            return None
        try:
            expires = datetime.strptime(time_expire, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
        except ValueError as error:
            raise Refused("PARAM_ERROR", "参数time_expire格式错误") from error
        return expires.timestamp() - self._clock.wall()
