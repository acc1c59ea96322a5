"""Who may come in to the staff's screen: by PIN, or by a staff card held to the scanner.

Both are compared with hashes of the settings, on another thread, under one count of tries. A card
is looked at only while the PIN is asked for; goods and payment codes held out there are no tries.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import Staff
from kiosk.messages import Text
from kiosk.pin import PinHash, Tries, may_be_card
from kiosk.staff.errands import Errands

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff; a manager closes days, counts cash and has a limit of refunds of his own.

    `name` is that of his table in the settings, "" for the PIN that everybody has.
    """

    name: str = ""
    manager: bool = False


@dataclass(frozen=True, slots=True)
class _Key:
    """One way in."""

    hash: PinHash
    card: bool
    person: Person


class Door:
    """Used by the checkout's thread only; `enter` hears who came in, `refresh` shows."""

    def __init__(
        self,
        settings: Staff,
        now: Callable[[], float],
        errands: Errands,
        enter: Callable[[Person], None],
        refresh: Callable[[], None],
    ) -> None:
        self._keys = tuple(_keys(settings))
        self._now, self._errands = now, errands
        self._enter, self._refresh = enter, refresh
        self._tries = Tries()
        self._wrong = False

    @property
    def opens(self) -> bool:
        """Whether anything is tried now."""
        return bool(self._keys) and not self._tries.locked_for(self._now())

    def begin(self) -> None:
        """Somebody stands before it."""
        self._wrong = False

    def said(self) -> Text:
        """What he is told."""
        if not self._keys:
            return Text("staff.no_pin")
        if seconds := self._tries.locked_for(self._now()):
            return Text("staff.locked", {"minutes": str(math.ceil(seconds / 60))})
        cards = any(key.card for key in self._keys)
        if self._wrong:
            return Text("staff.pin_or_card_wrong" if cards else "staff.pin_wrong")
        return Text("staff.pin_or_card" if cards else "staff.pin")

    def try_pin(self, pin: str) -> None:
        """A PIN was typed."""
        self._try(pin, card=False)

    def try_card(self, text: str) -> None:
        """Something was scanned."""
        if may_be_card(text):
            self._try(text, card=True)

    def _try(self, secret: str, *, card: bool) -> None:
        keys = [key for key in self._keys if key.card is card]
        if keys and not self._errands.busy and self.opens:
            # Counted before it is looked at: whoever asks faster does not get more tries.
            self._tries.count(self._now())
            self._errands.ask("staff door", lambda: _whose(secret, keys), self._tried)
        self._refresh()

    def _tried(self, person: Person | None) -> None:
        self._wrong = person is None
        if person is None:
            log.warning("wrong staff pin or card")
        else:
            self._tries.forget()
            self._enter(person)
        self._refresh()


def _keys(settings: Staff) -> list[_Key]:
    kept = [(settings.pin_hash, False, Person(manager=True))]
    for name, one in settings.people.items():
        person = Person(name, one.manager)
        kept += [(one.pin_hash, False, person), (one.card_hash, True, person)]
    return [_Key(PinHash.parse(text), card, person) for text, card, person in kept if text]


def _whose(secret: str, keys: list[_Key]) -> Person | None:
    """Whose it is; all are compared, so that the time tells nothing."""
    found = [key.person for key in keys if key.hash.matches(secret)]
    return found[0] if found else None
