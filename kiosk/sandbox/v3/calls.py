"""What the third-version calls do: Native orders, refunds, certificates and bills.

    POST /v3/pay/[partner/]transactions/native                     a code_url for the screen
    GET  /v3/pay/[partner/]transactions/out-trade-no/{n} · id/{n}
    POST /v3/pay/[partner/]transactions/out-trade-no/{n}/close
    POST /v3/refund/domestic/refunds     GET …/{out_refund_no}
    GET  /v3/certificates

An order or refund made on one wire is found and refunded on the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.sandbox.books import Books
from kiosk.sandbox.clock import Clock, zoned
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.offers import Offered, Offers
from kiosk.sandbox.order import State, Wire
from kiosk.sandbox.pay_calls import FINAL
from kiosk.sandbox.refund import Course, Wanted
from kiosk.sandbox.reply import Reply, decline
from kiosk.sandbox.scripts import Faults
from kiosk.sandbox.v3 import shapes
from kiosk.sandbox.v3.keys import Keys, Mode, serial_of
from kiosk.sandbox.v3.wire import Signer
from kiosk.sandbox.v3.words import ACCOUNTS, Json, Party, of_order, of_refund, refund_state


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its JSON, {} for GET; what stands in its path and its query; where it was sent."""

    document: Json
    path: Mapping[str, str]
    query: Mapping[str, str]
    origin: str


Act = Callable[[Asked, Faults], Reply]
"""What one call does; raises Refused. Runs inside a transaction that is committed in any case."""


class PayCalls:
    """Native orders, and the query of any order."""

    def __init__(self, merchant: Merchant, clock: Clock, books: Books, offers: Offers) -> None:
        self._merchant = merchant
        self._clock = clock
        self._orders = books.orders
        self._offers = offers

    def native(self, party: Party) -> Act:
        """Making an order for the shopper to scan."""
        shape = shapes.NATIVE if party is Party.DIRECT else shapes.PARTNER_NATIVE

        def act(asked: Asked, faults: Faults) -> Reply:
            document = asked.document
            shapes.check(document, shape)
            party.check(self._merchant, document)
            decline(faults)
            order = self._offers.make(self._offered(document))
            return Reply({"code_url": order.code_url}, "SUCCESS")

        return act

    def query(self, party: Party) -> Act:
        """Asking for an order by either number."""

        def act(asked: Asked, faults: Faults) -> Reply:
            party.check(self._merchant, dict(asked.query))
            decline(faults)
            path = asked.path
            order = self._orders.find(path.get("number", ""), path.get("transaction_id", ""))
            if order is None or "not-found" in faults:
                raise Refused("ORDERNOTEXIST", "订单不存在")
            told = of_order(order, self._merchant)
            return Reply(told, order.state.value, order.state in FINAL)

        return act

    def close(self, party: Party) -> Act:
        """Closing an order that nobody has paid; closing it again is no error."""
        shape = shapes.CLOSE if party is Party.DIRECT else shapes.PARTNER_CLOSE

        def act(asked: Asked, faults: Faults) -> Reply:
            shapes.check(asked.document, shape)
            party.check(self._merchant, asked.document)
            decline(faults)
            order = self._orders.find(asked.path["number"])
            if order is None:
                raise Refused("ORDERNOTEXIST", "订单不存在")
            if order.state is not State.CLOSED:
                self._orders.close(order)
            return Reply({}, "CLOSED", definite=True, status=204)

        return act

    def _offered(self, document: Json) -> Offered:
        lives = None
        if "time_expire" in document:
            expires = datetime.fromisoformat(document["time_expire"])
            lives = expires.timestamp() - self._clock.wall()
        return Offered(
            out_trade_no=document["out_trade_no"],
            total_fee=document["amount"]["total"],
            body=document["description"],
            attach=document.get("attach", ""),
            device_info=document.get("scene_info", {}).get("device_id", ""),
            sub_mch_id=document.get("sub_mchid", ""),
            notify_url=document["notify_url"],
            lives=lives,
            asked=json.dumps(document, sort_keys=True),
            wire=Wire.JSON,
        )


class RefundCalls:
    """Asking for a refund, and asking how it goes."""

    def __init__(self, merchant: Merchant, books: Books) -> None:
        self._merchant = merchant
        self._books = books

    def refund(self, asked: Asked, faults: Faults) -> Reply:
        """Accept a refund, or find it; its state is in the answer."""
        document = asked.document
        shapes.check(document, shapes.REFUND)
        self._check_shop(document.get("sub_mchid", ""))
        numbers = (document.get("out_trade_no", ""), document.get("transaction_id", ""))
        if not any(numbers):
            raise Refused("PARAM_ERROR", "transaction_id与out_trade_no须填其一")
        decline(faults)
        amount = document["amount"]
        wanted = Wanted(
            out_refund_no=document["out_refund_no"],
            fen=amount["refund"],
            total=amount["total"],
            account=ACCOUNTS[document.get("funds_account", "UNSETTLED")],
            reason=document.get("reason", ""),
            notify_url=document.get("notify_url", ""),
            wire=Wire.JSON,
        )
        order = self._books.orders.find(*numbers)
        refund = self._books.refunds.request(order, wanted, Course.of(faults))
        return self._told(refund.out_refund_no)

    def query(self, asked: Asked, faults: Faults) -> Reply:
        """One refund by its number."""
        self._check_shop(asked.query.get("sub_mchid", ""))
        decline(faults)
        if "not-found" in faults:
            raise Refused("REFUNDNOTEXIST", "退款单不存在")
        return self._told(asked.path["refund_number"])

    def _told(self, out_refund_no: str) -> Reply:
        refund = self._books.refunds.find(out_refund_no)
        if refund is None:
            raise Refused("REFUNDNOTEXIST", "退款单不存在")
        order = self._books.orders.find(refund.out_trade_no)
        assert order is not None, "a refund has an order"
        return Reply(of_refund(refund, order), refund_state(refund), definite=True)

    def _check_shop(self, sub_mchid: str) -> None:
        if sub_mchid not in {"", self._merchant.sub_mch_id}:
            raise Refused("NO_RELATION", "sub_mchid与商户没有受理关系")


class CertificateCall:
    """The wallet's own certificate, sealed for the merchant."""

    def __init__(self, keys: Keys, signer: Signer) -> None:
        self._keys = keys
        self._signer = signer

    def certificates(self, asked: Asked, faults: Faults) -> Reply:
        """Every certificate in force; there is none in public-key mode."""
        decline(faults)
        if self._keys.mode is Mode.PUBLIC_KEY:
            raise Refused(
                "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"
            )
        certificate = self._keys.platform
        pem = certificate.public_bytes(Encoding.PEM)
        listed = {
            "serial_no": serial_of(certificate),
            "effective_time": zoned(certificate.not_valid_before_utc.timestamp()),
            "expire_time": zoned(certificate.not_valid_after_utc.timestamp()),
            "encrypt_certificate": self._signer.seal(pem, "certificate"),
        }
        return Reply({"data": [listed]}, "SUCCESS")
