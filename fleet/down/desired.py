"""What kiosks should be set up as: documents of five kinds, for a merchant, a store or a terminal.

    config      TOML over the kiosk's own settings       price_book  the CSV of kiosk/content.py
    menu        the JSON of kiosk/menus.py               campaigns   that of kiosk/campaigns.py
    software    a version

For each kind the narrowest scope that has one decides, alone: a terminal's config is not mixed with
its store's. Every change is a version of its own with who made it; an empty text withdraws. What a
terminal says of a version is kept beside it: APPLIED, WAITING for a moment without a shopper, or
REFUSED with the reason, and then its last good one stays in force.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, and_, func, insert, or_, select

from fleet import tables as register
from fleet.database import Database, locked, put
from fleet.down import tables
from fleet.down.bell import EVERYBODY, ring
from fleet.who import Who, of

SAID = 1_000  # characters of a reason
_VERSION = re.compile(r"[0-9A-Za-z.+_-]{1,50}")


class Scope(Enum):
    """For whom a document is; the later, the narrower."""

    MERCHANT = "merchant"
    STORE = "store"
    TERMINAL = "terminal"


class State(Enum):
    """What a terminal makes of a version."""

    APPLIED = "APPLIED"
    WAITING = "WAITING"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Target:
    """A merchant with "", or one of his stores or terminals with its id."""

    merchant_id: str
    scope: Scope = Scope.MERCHANT
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one kind; version 0 with an empty digest: nothing is desired."""

    kind: str
    version: int
    sha256: str
    scope: Scope = Scope.MERCHANT
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a terminal says of a version of a kind."""

    kind: str
    version: int
    state: State
    said: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one terminal and kind: what is wanted, and what it last said. None: nothing yet."""

    who: Who
    kind: str
    wanted: Document
    told: Told | None
    told_ms: int = 0

    @property
    def in_force(self) -> bool:
        """Whether what is wanted is what it works with."""
        told = self.told
        return (
            told is not None and told.version == self.wanted.version and told.state is State.APPLIED
        )


class Desired:
    """Safe for threads and for processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, target: Target, kind: str, text: str, by: str, now_ms: int) -> int:
        """Desire this text from now on; its version. An empty text withdraws the target's.

        Raises ValueError for a text that no kiosk could understand, or is too long, and for a
        target that is not there.
        """
        _check(kind, text)
        wanted, merchants = tables.desired, register.merchant
        merchant_id = target.merchant_id
        with self._database.write() as connection:
            held = locked(select(merchants).where(merchants.c.merchant_id == merchant_id))
            if connection.execute(held).first() is None:
                raise ValueError(f"no merchant {merchant_id}")
            if not _there(connection, target):
                raise ValueError(f"no {target.scope.value} {target.scope_id} of {merchant_id}")
            newest = select(func.coalesce(func.max(wanted.c.version), 0)).where(
                wanted.c.merchant_id == merchant_id, wanted.c.kind == kind
            )
            version: int = connection.execute(newest).scalar_one() + 1
            connection.execute(
                insert(wanted).values(
                    merchant_id=merchant_id,
                    kind=kind,
                    version=version,
                    scope=target.scope.value,
                    scope_id=target.scope_id,
                    sha256=hashlib.sha256(text.encode()).hexdigest() if text else "",
                    text=text,
                    by=by,
                    at_ms=now_ms,
                )
            )
            one = target.scope_id if target.scope is Scope.TERMINAL else EVERYBODY
            ring(connection, Who(merchant_id, one), now_ms)
        return version

    def of(self, who: Who) -> dict[str, Document]:
        """What is desired for the terminal, by kind."""
        with self._database.read() as connection:
            return _wanted(connection, who.merchant_id, {who.terminal_id: _store(connection, who)})[
                who.terminal_id
            ]

    def text(self, who: Who, kind: str, version: int) -> str | None:
        """The text of a version that is desired for the terminal; None where it is not."""
        document = self.of(who).get(kind)
        if document is None or document.version != version:
            return None
        wanted = tables.desired
        with self._database.read() as connection:
            query = select(wanted.c.text).where(
                wanted.c.merchant_id == who.merchant_id,
                wanted.c.kind == kind,
                wanted.c.version == version,
            )
            return connection.execute(query).scalar()

    def tell(self, who: Who, told: Sequence[Told], now_ms: int) -> None:
        """What the terminal says of versions; the newest word of each kind is kept."""
        rows = [
            {
                "merchant_id": who.merchant_id,
                "terminal_id": who.terminal_id,
                "kind": one.kind,
                "version": one.version,
                "state": one.state.value,
                "said": one.said[:SAID],
                "at_ms": now_ms,
            }
            for one in told
        ]
        with self._database.write() as connection:
            put(connection, tables.applied, rows)

    def standing(self, merchant_id: str) -> list[Standing]:
        """For every terminal of the merchant and every kind that is desired for it."""
        terminals, said = register.terminal, tables.applied
        with self._database.read() as connection:
            rows = connection.execute(
                select(terminals.c.terminal_id, terminals.c.store_id).where(
                    terminals.c.merchant_id == merchant_id
                )
            ).all()
            wanted = _wanted(
                connection, merchant_id, {one.terminal_id: one.store_id for one in rows}
            )
            told = connection.execute(select(said).where(said.c.merchant_id == merchant_id)).all()
        words = {
            (row.terminal_id, row.kind): (
                Told(row.kind, row.version, State(row.state), row.said),
                row.at_ms,
            )
            for row in told
        }
        nothing: tuple[None, int] = (None, 0)
        return [
            Standing(Who(merchant_id, terminal), kind, one, *words.get((terminal, kind), nothing))
            for terminal, kinds in sorted(wanted.items())
            for kind, one in sorted(kinds.items())
        ]


def news(documents: Mapping[str, Document], seen: Mapping[str, int]) -> dict[str, Document]:
    """Of what is desired, what the terminal has not taken note of; also what is so no more."""
    gone = (kind for kind, version in seen.items() if version and kind not in documents)
    return {
        **{kind: one for kind, one in documents.items() if seen.get(kind, 0) != one.version},
        **{kind: Document(kind, 0, "") for kind in gone},
    }


def _wanted(
    connection: Connection, merchant_id: str, stores: Mapping[str, str]
) -> dict[str, dict[str, Document]]:
    """By terminal and kind; `stores` says in which store each terminal stands."""
    wanted = tables.desired
    scope = (wanted.c.kind, wanted.c.scope, wanted.c.scope_id)
    few = len(stores) == 1
    mine = [
        wanted.c.scope == Scope.MERCHANT.value,
        *(
            and_(wanted.c.scope == each.value, wanted.c.scope_id.in_(ids))
            for each, ids in ((Scope.STORE, stores.values()), (Scope.TERMINAL, stores))
        ),
    ]
    where = [wanted.c.merchant_id == merchant_id, *([or_(*mine)] if few else [])]
    newest = select(*scope, func.max(wanted.c.version).label("version")).where(*where)
    top = newest.group_by(*scope).subquery()
    rows = connection.execute(
        select(*scope, wanted.c.version, wanted.c.sha256).join(
            top,
            and_(
                wanted.c.merchant_id == merchant_id,
                wanted.c.kind == top.c.kind,
                wanted.c.version == top.c.version,
            ),
        )
    )
    standing = {
        (row.scope, row.scope_id, row.kind): Document(
            row.kind, row.version, row.sha256, Scope(row.scope), row.scope_id
        )
        for row in rows
        if row.sha256
    }
    found: dict[str, dict[str, Document]] = {}
    for terminal, store in stores.items():
        ids = {Scope.MERCHANT: "", Scope.STORE: store, Scope.TERMINAL: terminal}
        found[terminal] = {
            kind: document
            for each in Scope  # the narrower one comes later, and stays
            for kind in KINDS
            if (document := standing.get((each.value, ids[each], kind))) is not None
        }
    return found


def _store(connection: Connection, who: Who) -> str:
    terminals = register.terminal
    query = select(terminals.c.store_id).where(of(terminals, who))
    return str(connection.execute(query).scalar() or "")


def _there(connection: Connection, target: Target) -> bool:
    if target.scope is Scope.MERCHANT:
        return not target.scope_id
    table = register.store if target.scope is Scope.STORE else register.terminal
    column = table.c.store_id if target.scope is Scope.STORE else table.c.terminal_id
    query = select(column).where(
        table.c.merchant_id == target.merchant_id, column == target.scope_id
    )
    return connection.execute(query).first() is not None


# --- what could be understood at all ------------------------------------------------------------


def _is_csv(text: str) -> None:
    if "," not in text.partition("\n")[0]:
        raise ValueError("its first line names no columns")


def _is_object(text: str) -> None:
    if type(json.loads(text)) is not dict:
        raise ValueError("it is no JSON object")


def _is_list(text: str) -> None:
    if type(json.loads(text)) is not list:
        raise ValueError("it is no JSON list")


def _is_version(text: str) -> None:
    if not _VERSION.fullmatch(text):
        raise ValueError("it is no version")


KINDS: Mapping[str, tuple[int, Callable[[str], object]]] = {
    "config": (64 * 1024, tomllib.loads),
    "price_book": (4 * 1024 * 1024, _is_csv),
    "menu": (1024 * 1024, _is_object),
    "campaigns": (1024 * 1024, _is_list),
    "software": (50, _is_version),
}
"""The most bytes of each kind, and what says whether a text can be of it."""


def _check(kind: str, text: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}; known: {', '.join(KINDS)}")
    most, understand = KINDS[kind]
    if len(text.encode()) > most:
        raise ValueError(f"a {kind} has at most {most} bytes")
    if not text:
        return
    try:
        understand(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no {kind}: {error}") from error
