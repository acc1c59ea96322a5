"""One transaction of the ledger, in the month that it belongs to.

Inside another one it is a part of it: several writes are on the disk together or not at all.
"""

from __future__ import annotations

from types import TracebackType

from kiosk.domain.payment import Contradiction
from kiosk.ledger.shelf import Shelf


class Transaction:
    """`with` it, one transaction in the right month; a Contradiction leaves it and is kept.

    One that does not `wait` for the disk is there with the next one that does.
    """

    __slots__ = ("_shelf", "_wait", "_within")

    def __init__(self, shelf: Shelf, *, wait: bool = True) -> None:
        self._shelf = shelf
        self._wait = wait
        self._within: list[bool] = []

    def __enter__(self) -> None:
        self._within.append(self._shelf.newest.db.in_transaction)
        if not self._within[-1]:
            self._shelf.turn()
            self._shelf.newest.begin(wait=self._wait)

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._within.pop():
            return  # the one around it ends both
        if error is None or isinstance(error, Contradiction):
            self._shelf.newest.commit()
        else:
            self._shelf.newest.undo()
