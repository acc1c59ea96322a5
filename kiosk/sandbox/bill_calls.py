"""The bill calls: /pay/downloadbill and /pay/downloadfundflow.

The answer is the file itself, unsigned, gzipped where `tar_type` asks for it; a refusal is XML.
That of downloadbill has only return_code FAIL, return_msg and error_code.
"""

from __future__ import annotations

import gzip
from datetime import date, datetime

from kiosk.sandbox.bills import Bills, BillType
from kiosk.sandbox.fields import DOWNLOADBILL, DOWNLOADFUNDFLOW, Refused, check
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.reply import Act, File, Reply, decline
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields

_ERRORS = {"NO_BILL_EXIST": "20002", "BILL_CREATING": "20002", "SYSTEMERROR": "100"}


class BillCalls:
    """Fetching a day's bill."""

    def __init__(self, merchant: Merchant, bills: Bills) -> None:
        self._merchant = merchant
        self._bills = bills

    def acts(self) -> dict[Api, Act]:
        """What each call does."""
        return {Api.BILL: self._trade, Api.FUNDFLOW: self._fund_flow}

    def refused(self, api: Api, refused: Refused) -> Reply:
        """A refusal in downloadbill's words; 20001 is a request out of form."""
        fields = {
            "return_code": "FAIL",
            "return_msg": refused.sentence,
            "error_code": _ERRORS.get(refused.code, "20001"),
        }
        return Reply(fields, refused.code, unsigned=True)

    def _trade(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, DOWNLOADBILL)
        self._merchant.check_pair(fields)
        day = day_of(fields["bill_date"], "%Y%m%d")
        decline(faults)
        word = fields.get("bill_type") or "ALL"
        if word not in BillType.__members__:
            raise Refused("NO_BILL_EXIST", "No Bill Exist")
        return _file(self._bills.trade(day, BillType[word]), fields)

    def _fund_flow(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, DOWNLOADFUNDFLOW)
        self._merchant.check_pair(fields)
        day = day_of(fields["bill_date"], "%Y%m%d")
        decline(faults)
        if fields["account_type"] != "Basic":  # nothing ever moves on the other accounts
            raise Refused("NO_BILL_EXIST", "No Bill Exist")
        return _file(self._bills.fund_flow(day), fields)


def day_of(text: str, form: str) -> date:
    """A bill's date; raises Refused."""
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        raise Refused("PARAM_ERROR", "data format error") from error


def _file(content: bytes, fields: Fields) -> Reply:
    if fields.get("tar_type") == "GZIP":
        return Reply({}, "FILE", file=File(gzip.compress(content, mtime=0), "application/x-gzip"))
    return Reply({}, "FILE", file=File(content, "text/plain"))
