"""Orders on this kiosk's disk, so that each is obeyed once, whoever is killed when.

    come ─► held ─► begun, where it must not be done twice ─► answered ─► told

The newest that were told are remembered: one that comes again is answered as before.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from kiosk.disk import write_whole
from kiosk.errors import KioskError

REMEMBERED = 300
AT_ONCE = 100  # ids or answers that the fleet takes in one request
SAID = 1_000  # characters of an answer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """One command; `begun` is what was noted before it was begun, `done` is None until answered."""

    command_id: str
    what: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    begun: Mapping[str, Any] | None = None
    done: bool | None = None
    said: str = ""
    told: bool = False


class Orders:
    """Used by one thread."""

    def __init__(self, state: Path) -> None:
        """`state` is the kiosk's own directory.

        Raises KioskError for a file that cannot be read: what is in it might be obeyed twice.
        """
        self._file = state / "down" / "orders.json"
        self._orders = {one.command_id: one for one in _read(self._file)}

    def take(self, orders: Iterable[Order]) -> None:
        """Hold those that are new; have the answers of others told again."""
        known = {**self._orders}
        for order in orders:
            mine = known.get(order.command_id)
            if mine is None:
                log.info("order taken command_id=%s what=%s", order.command_id, order.what)
                known[order.command_id] = order
            elif mine.told:
                known[order.command_id] = replace(mine, told=False)
        self._write(known)

    def waiting(self) -> list[Order]:
        """Those without an answer, in the order in which they came."""
        return [one for one in self._orders.values() if one.done is None]

    def holding(self) -> list[str]:
        """The ids of those."""
        return [one.command_id for one in self.waiting()][:AT_ONCE]

    def begin(self, order: Order, note: Mapping[str, Any]) -> Order:
        """Note that it is about to be done, and what there was before."""
        return self._set(replace(order, begun=note))

    def answer(self, order: Order, said: str, *, done: bool) -> None:
        """What became of it."""
        log.info("order done=%s command_id=%s said=%s", done, order.command_id, said)
        self._set(replace(order, done=done, said=said.replace("\0", "")[:SAID]))

    def answers(self) -> list[dict[str, Any]]:
        """What the fleet has not acknowledged."""
        return [
            {"command_id": one.command_id, "done": one.done, "said": one.said}
            for one in self._orders.values()
            if one.done is not None and not one.told
        ][:AT_ONCE]

    def acknowledge(self, command_ids: Iterable[str]) -> None:
        """It has the answers of these."""
        told = {each: replace(self._orders[each], told=True) for each in command_ids}
        self._write({**self._orders, **told})

    def _set(self, order: Order) -> Order:
        self._write({**self._orders, order.command_id: order})
        return order

    def _write(self, orders: Mapping[str, Order]) -> None:
        if orders == self._orders:
            return
        told = [one.command_id for one in orders.values() if one.told]
        old = set(told[:-REMEMBERED])
        kept = {each: one for each, one in orders.items() if each not in old}
        write_whole(self._file, json.dumps([asdict(one) for one in kept.values()]))
        self._orders = kept


def _read(file: Path) -> list[Order]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Order])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as error:
        mend = "Move it away, after a look at the orders in it"
        raise KioskError(f"{file} cannot be read: {error}", mend) from error
