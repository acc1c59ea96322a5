"""Which of the wallet's calls does what, and in whose words a refusal is said.

Everything here is synchronous and runs inside one transaction; faults on the line belong to
`delivery.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.sandbox.books import Books
from kiosk.sandbox.fields import FEN, REFUND_NO, Refused
from kiosk.sandbox.reply import Act, Reply
from kiosk.sandbox.scripts import ORDERING, Api, Faults, Subject
from kiosk.sandbox.wire import Fields

Refusal = Callable[[Api, Refused], Reply]
"""Says a refusal in the words of its call."""

_CODES = {Api.MICROPAY: "auth_code", Api.FACEPAY: "face_code", Api.REPORT: "auth_code"}
"""Where a call carries a code that the audit follows."""


class Calls:
    """The calls that carry flat fields: all signed XML, and the face service's JSON."""

    def __init__(
        self, books: Books, acts: Mapping[Api, Act], refusals: Mapping[Api, Refusal]
    ) -> None:
        self._books = books
        self._acts = acts
        self._refusals = refusals

    def carry_out(self, api: Api, fields: Fields, faults: Faults) -> Reply:
        """Do what the request asks, and say how it went; never raises Refused."""
        self._books.sweep()
        try:
            return self._acts[api](fields, faults)
        except Refused as refused:
            return self.refused(api, refused)

    def refused(self, api: Api, refused: Refused) -> Reply:
        """The answer to a refused request, in the words of its call."""
        return self._refusals[api](api, refused)

    def subject(self, api: Api, fields: Fields) -> Subject:
        """What a request is about, whatever else is wrong with it."""
        out_refund_no = fields.get("out_refund_no", "")
        return Subject(
            self._books.number(fields.get("out_trade_no", ""), fields.get("transaction_id", "")),
            out_refund_no if REFUND_NO(out_refund_no) else "",
            fields.get(_CODES[api], "") if api in _CODES else "",
            int(fields["total_fee"]) if api in ORDERING and FEN(fields.get("total_fee", "")) else 0,
        )
