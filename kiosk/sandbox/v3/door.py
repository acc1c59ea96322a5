"""How a third-version call is read and its answer written, and which path leads to which call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kiosk.sandbox.books import Books
from kiosk.sandbox.dialects import Call, Heard
from kiosk.sandbox.fields import REFUND_NO, Refused
from kiosk.sandbox.parts import Parts
from kiosk.sandbox.reply import Reply
from kiosk.sandbox.scripts import Api, Faults, Subject
from kiosk.sandbox.v3.bills import BillCalls
from kiosk.sandbox.v3.calls import Act, Asked, CertificateCall, PayCalls, RefundCalls
from kiosk.sandbox.v3.keys import Keys
from kiosk.sandbox.v3.wire import Denied, Gate, Signer
from kiosk.sandbox.v3.words import Json, Party, refusal
from kiosk.sandbox.wire import Malformed


@dataclass(frozen=True, slots=True)
class Desk:
    """What the calls of this wire share."""

    gate: Gate
    signer: Signer
    books: Books


@dataclass(frozen=True, slots=True)
class V3Call:
    """One call: its method, and what it does."""

    api: Api
    method: str
    act: Act
    desk: Desk

    def read(self, request: Request, body: bytes) -> Heard:
        self.desk.gate.check(request, body)
        if request.method != self.method:
            raise Denied("METHOD_NOT_ALLOWED", f"请使用{self.method}方法")
        if self.api is not Api.DOWNLOAD:
            self.desk.gate.check_headers(request)
        origin = str(request.base_url).rstrip("/")
        asked = Asked(_document(body), request.path_params, request.query_params, origin)
        return Heard(
            self._subject(asked),
            lambda faults: self._carry_out(asked, faults),
            lambda refused: refusal(self.api, refused),
            self._write,
        )

    def unreadable(self, malformed: Malformed) -> Response:
        code = malformed.code if isinstance(malformed, Denied) else "PARAM_ERROR"
        return self._write(refusal(self.api, Refused(code, malformed.return_msg)), wrong=False)

    def _carry_out(self, asked: Asked, faults: Faults) -> Reply:
        self.desk.books.sweep()
        try:
            return self.act(asked, faults)
        except Refused as refused:
            return refusal(self.api, refused)

    def _write(self, reply: Reply, wrong: bool) -> Response:  # noqa: FBT001  see Heard
        if reply.file is not None:
            return Response(reply.file.content, media_type=reply.file.media)
        body = b""
        if reply.status != 204:
            body = json.dumps(reply.fields, ensure_ascii=False, separators=(",", ":")).encode()
        signer = self.desk.signer
        headers = signer.headers(body, reply.numeric, signer.wrong() if wrong else "")
        media = "application/json" if body else None
        return Response(body, reply.status, headers, media)

    def _subject(self, asked: Asked) -> Subject:
        """What a request is about, whatever else is wrong with it."""
        said = {**asked.document, **asked.path}
        number = _text(said.get("number", said.get("out_trade_no")))
        refund = _text(said.get("refund_number", said.get("out_refund_no")))
        amount = said.get("amount")
        fen = amount.get("total") if isinstance(amount, dict) else 0
        return Subject(
            self.desk.books.number(number, _text(said.get("transaction_id"))),
            refund if REFUND_NO(refund) else "",
            fen=fen if self.api is Api.NATIVE and type(fen) is int else 0,
        )


def calls_of(parts: Parts, keys: Keys, signer: Signer, link_life: float) -> dict[str, Call]:
    """Path → call; a link to a bill lives `link_life` seconds."""
    merchant, books = parts.merchant, parts.books
    desk = Desk(Gate(keys, merchant.mch_id, parts.clock.wall), signer, books)
    pay = PayCalls(merchant, parts.clock, books, parts.offers)
    refunds = RefundCalls(merchant, books)
    certificates = CertificateCall(keys, signer)
    bills = BillCalls(parts, link_life)
    table: list[tuple[str, Api, str, Act]] = [
        ("/v3/refund/domestic/refunds", Api.REFUND, "POST", refunds.refund),
        ("/v3/refund/domestic/refunds/{refund_number}", Api.REFUNDQUERY, "GET", refunds.query),
        ("/v3/certificates", Api.CERTIFICATES, "GET", certificates.certificates),
        ("/v3/bill/tradebill", Api.BILL, "GET", bills.trade),
        ("/v3/bill/fundflowbill", Api.FUNDFLOW, "GET", bills.fund_flow),
        ("/v3/billdownload/file", Api.DOWNLOAD, "GET", bills.download),
    ]
    for party, between in ((Party.DIRECT, ""), (Party.PARTNER, "partner/")):
        under = f"/v3/pay/{between}transactions"
        table += [
            (f"{under}/native", Api.NATIVE, "POST", pay.native(party)),
            (f"{under}/out-trade-no/{{number}}", Api.ORDERQUERY, "GET", pay.query(party)),
            (f"{under}/id/{{transaction_id}}", Api.ORDERQUERY, "GET", pay.query(party)),
            (f"{under}/out-trade-no/{{number}}/close", Api.CLOSE, "POST", pay.close(party)),
        ]
    return {path: V3Call(api, method, act, desk) for path, api, method, act in table}


def _document(body: bytes) -> Json:
    if not body:
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Denied("PARAM_ERROR", "请求体不是合法的JSON") from error
    if not isinstance(document, dict):
        raise Denied("PARAM_ERROR", "请求体须为JSON对象")
    return document


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
