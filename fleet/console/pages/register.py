"""All pages by their addresses."""

from __future__ import annotations

from fleet.console.pages.caller import page
from fleet.console.pages.overview import overview
from fleet.console.pages.payment import payment
from fleet.console.pages.payments import payments
from fleet.console.pages.terminal import terminal
from fleet.console.pages.terminals import terminals
from fleet.console.pages.transactions import transactions
from fleet.console.roles import Act
from fleet.console.services import Services


def register_pages(services: Services) -> None:
    """Put them where NiceGUI finds them; once a process."""
    page(services, "/", "overview.title", overview)
    page(services, "/terminals", "terminals.title", terminals)
    page(services, "/terminals/{merchant_id}/{terminal_id}", "terminal.title", terminal)
    page(services, "/transactions", "transactions.title", transactions, Act.MONEY)
    page(services, "/payments", "payments.title", payments, Act.MONEY)
    one = "/payments/{merchant_id}/{terminal_id}/{number}"
    page(services, one, "payments.one", payment, Act.MONEY)
