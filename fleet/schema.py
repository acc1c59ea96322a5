"""All tables of the fleet, whichever package they belong to: what a database is made from."""

from __future__ import annotations

from fleet.accounts import tables as accounts
from fleet.console import tables as console
from fleet.down import tables as down
from fleet.gateway import tables as gateway
from fleet.tables import metadata

__all__ = ["accounts", "console", "down", "gateway", "metadata"]
