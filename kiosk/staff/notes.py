"""What staff did, as entries of the ledger: who, what and to what; never a PIN or a card."""

from __future__ import annotations

import logging

from kiosk.ledger import Ledger, LedgerError

log = logging.getLogger(__name__)


class Notes:
    """Writes down what the one who is signed in does; `who` is his name in the settings."""

    def __init__(self, ledger: Ledger, terminal_id: str) -> None:
        self._ledger, self._terminal_id = ledger, terminal_id
        self.who = ""

    def write(self, did: str, key: str = "", **more: str | int) -> None:
        """Write it down; a full disk does not keep them out."""
        body = {"did": did, **more}
        if self.who:
            body["who"] = self.who
        try:
            self._ledger.append("staff", key or self._terminal_id, body)
        except LedgerError:
            log.exception("not written: staff %s", did)
