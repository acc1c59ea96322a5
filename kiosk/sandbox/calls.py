"""Which of the wallet's calls does what, and in whose words a refusal is said.

Everything here is synchronous and runs inside one transaction; faults on the line belong to
`delivery.py`.
"""

from __future__ import annotations

from kiosk.sandbox.books import Books
from kiosk.sandbox.face_calls import FaceCalls
from kiosk.sandbox.fields import FEN, REFUND_NO, Refused
from kiosk.sandbox.pay_calls import PayCalls
from kiosk.sandbox.refund_calls import RefundCalls
from kiosk.sandbox.reply import Answers, Reply
from kiosk.sandbox.scripts import Api, Faults, Subject
from kiosk.sandbox.wire import Fields


class Calls:
    """The calls that carry flat fields: all signed XML, and the face service's JSON."""

    def __init__(
        self, answers: Answers, books: Books, pay: PayCalls, faces: FaceCalls, refunds: RefundCalls
    ) -> None:
        self._answers = answers
        self._books = books
        self._faces = faces
        self._acts = {**pay.acts(), **faces.acts(), **refunds.acts()}
        self._face_apis = set(faces.acts())

    def carry_out(self, api: Api, fields: Fields, faults: Faults) -> Reply:
        """Do what the request asks, and say how it went; never raises Refused."""
        self._books.sweep()
        try:
            return self._acts[api](fields, faults)
        except Refused as refused:
            return self.refused(api, refused)

    def refused(self, api: Api, refused: Refused) -> Reply:
        """The answer to a refused request, in the words of its call."""
        words = self._faces if api in self._face_apis else self._answers
        return words.refused(api, refused)

    def subject(self, api: Api, fields: Fields) -> Subject:
        """What a request is about, whatever else is wrong with it."""
        paying = api is Api.MICROPAY
        out_refund_no = fields.get("out_refund_no", "")
        return Subject(
            self._books.number(fields.get("out_trade_no", ""), fields.get("transaction_id", "")),
            out_refund_no if REFUND_NO(out_refund_no) else "",
            fields.get("auth_code", "") if paying else "",
            int(fields["total_fee"]) if paying and FEN(fields.get("total_fee", "")) else 0,
        )
