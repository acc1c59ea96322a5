"""The addresses of the files: the same filters as the pages, the user's own rows, written down."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from fleet.console import events
from fleet.console.csv import payments_csv, transactions_csv
from fleet.console.pages.caller import Caller, caller_of, not_there
from fleet.console.pages.payments import FILE as PAYMENTS
from fleet.console.pages.payments import wanted_payments
from fleet.console.pages.transactions import FILE as TRANSACTIONS
from fleet.console.pages.transactions import wanted_days
from fleet.console.roles import Act
from fleet.console.services import Services


def export_routes(services: Services) -> list[Route]:
    """Both files."""

    async def some_payments(request: Request) -> Response:
        caller = caller_of(services, request)
        lines = payments_csv(caller.view, wanted_payments(caller), caller.say)
        return await _file(caller, "payments", lines)

    async def some_transactions(request: Request) -> Response:
        caller = caller_of(services, request)
        lines = transactions_csv(caller.view, wanted_days(caller), caller.say)
        return await _file(caller, "transactions", lines)

    return [Route(PAYMENTS, some_payments), Route(TRANSACTIONS, some_transactions)]


async def _file(caller: Caller, name: str, lines: Iterator[str]) -> Response:
    if not (caller.user.may(Act.EXPORT) and caller.user.may(Act.MONEY)):
        return not_there(caller)
    query = caller.request.url.query
    await caller.note(events.EXPORTED, caller.user.merchant_id, name, query)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
