"""One transaction of the ledger, in the month that it belongs to."""

from __future__ import annotations

from types import TracebackType

from kiosk.domain.payment import Contradiction
from kiosk.ledger.shelf import Shelf


class Transaction:
    """`with` it, one transaction in the right month; a Contradiction leaves it and is kept."""

    __slots__ = ("_shelf",)

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def __enter__(self) -> None:
        self._shelf.turn()
        self._shelf.newest.begin()

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Contradiction):
            self._shelf.newest.commit()
        else:
            self._shelf.newest.undo()
