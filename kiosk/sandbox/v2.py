"""Which path leads to which call of the second-version wire, and of the face service."""

from __future__ import annotations

from kiosk.sandbox.bill_calls import BillCalls
from kiosk.sandbox.calls import Calls
from kiosk.sandbox.dialects import Call, JsonCall, XmlCall
from kiosk.sandbox.face_calls import FaceCalls
from kiosk.sandbox.native_calls import NativeCalls
from kiosk.sandbox.parts import Parts
from kiosk.sandbox.pay_calls import PayCalls
from kiosk.sandbox.refund_calls import RefundCalls
from kiosk.sandbox.reply import Answers
from kiosk.sandbox.scripts import Api
from kiosk.sandbox.wire import SignType

_XML = (
    ("/pay/micropay", Api.MICROPAY),
    ("/pay/orderquery", Api.ORDERQUERY),
    ("/pay/facepayquery", Api.ORDERQUERY),
    ("/pay/unifiedorder", Api.NATIVE),
    ("/pay/closeorder", Api.CLOSE),
    ("/tools/authcodetoopenid", Api.OPENID),
    ("/secapi/pay/reverse", Api.REVERSE),
    ("/secapi/pay/facepayreverse", Api.REVERSE),
    ("/secapi/pay/refund", Api.REFUND),
    ("/pay/refundquery", Api.REFUNDQUERY),
    ("/pay/downloadbill", Api.BILL),
)
_JSON = (
    ("/face/getwxpayfacecode", Api.FACECODE),
    ("/face/getwxpayfaceuserinfo", Api.USERINFO),
    ("/face/updatewxpayfacepayresult", Api.PAYRESULT),
    ("/face/reportpaycode", Api.REPORT),
    ("/face/reportorder", Api.REPORT),
)


def answers_of(parts: Parts) -> Answers:
    """How this wire answers."""
    return Answers(parts.merchant, lambda: parts.chance.randbytes(16).hex())


def calls_of(parts: Parts) -> dict[str, Call]:
    """Path → call."""
    merchant, calls = parts.merchant, _acts(parts)
    hmac = SignType.HMAC_SHA256
    found: dict[str, Call] = {
        "/face/get_wxpayface_authinfo": XmlCall(Api.AUTHINFO, merchant, calls, "PARAM_ERROR"),
        "/pay/facepay": XmlCall(Api.FACEPAY, merchant, calls, only=hmac),
        "/pay/downloadfundflow": XmlCall(Api.FUNDFLOW, merchant, calls, certified=True, only=hmac),
    }
    for path, api in _XML:
        found[path] = XmlCall(api, merchant, calls, certified=path.startswith("/secapi/"))
    for path, api in _JSON:
        found[path] = JsonCall(api, calls)
    return found


def _acts(parts: Parts) -> Calls:
    merchant, books = parts.merchant, parts.books
    answers = answers_of(parts)
    pay = PayCalls(merchant, answers, parts.clock, books.orders, parts.wallet)
    face = FaceCalls(merchant, answers, parts.clock, parts.faces)
    native = NativeCalls(merchant, answers, parts.clock, parts.offers)
    refund = RefundCalls(merchant, answers, books.orders, books.refunds)
    bill = BillCalls(merchant, parts.bills)
    refusals = {
        **dict.fromkeys(Api, answers.refused),
        **dict.fromkeys(face.acts(), face.refused),
        Api.BILL: bill.refused,
    }
    acts = {**pay.acts(), **native.acts(), **face.acts(), **refund.acts(), **bill.acts()}
    return Calls(books, acts, refusals)
