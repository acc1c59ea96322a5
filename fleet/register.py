"""Who there is: merchants, their stores, and terminals as PBoC [2021] 259 wants them registered.

    service provider ─► merchant ─► store (in a mall or district, of a brand) ─► terminal

One device has one merchant. A terminal joins by a code that its screen shows once: whoever holds
the register types it in beside the terminal that was planned. Loss and retirement revoke its key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from fleet import tables
from fleet.database import Database, locked, put
from fleet.who import Who, of

PLANNED = "PLANNED"
ACTIVE = "ACTIVE"
LOST = "LOST"
RETIRED = "RETIRED"
DEVICE_TYPES = frozenset(f"{number:02d}" for number in range(1, 12))  # as acquirers number them
FACE_PAY = "09"

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another
CODE_LENGTH = 8
CODE_LIFE_MS = 15 * 60 * 1000
WAITING_CODES = 1_000  # of all kiosks together
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TERMINAL_ID = re.compile(r"[0-9]{4,8}")
_LOCATION = re.compile(r"[+-][0-9]{1,2}\.[0-9]{1,6}/[+-][0-9]{1,3}\.[0-9]{1,6}")


class RegisterError(Exception):
    """What was asked of the register cannot be; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Store:
    """One shop; `location` as acquirers write it: +31.230400/+121.473700, or "" if not known."""

    merchant_id: str
    store_id: str
    name: str
    address: str = ""
    brand_id: str = ""
    district_id: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A terminal before its device is there: where it will stand and what is known of it."""

    who: Who
    store_id: str
    serial: str
    device_type: str = FACE_PAY
    network_license: str = ""
    acquirer_no: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a device says of itself when it asks to join; its key has 32 bytes."""

    public_key: bytes
    serial: str
    device_type: str
    terminal_id: str
    version: str


class Register:
    """Safe for threads; every change of a terminal is written down with who made it."""

    def __init__(self, database: Database, random: Callable[[int], int]) -> None:
        """`random(n)` gives an integer from 0 to n - 1 that nobody can foresee."""
        self._database = database
        self._random = random

    # --- merchants and stores -------------------------------------------------------------------

    def put_merchant(self, merchant_id: str, name: str, now_ms: int) -> None:
        """Add a merchant, or rename one."""
        _check(_ID.fullmatch(merchant_id), f"{merchant_id!r} cannot be the id of a merchant")
        row = {"merchant_id": merchant_id, "name": name, "created_ms": now_ms}
        with self._database.write() as connection:
            put(connection, tables.merchant, [row], keep=("created_ms",))

    def put_store(self, store: Store) -> None:
        """Add a store of a merchant, or change it."""
        _check(_ID.fullmatch(store.store_id), f"{store.store_id!r} cannot be the id of a store")
        latitude, longitude = _place(store.location)
        row = {
            "merchant_id": store.merchant_id,
            "store_id": store.store_id,
            "name": store.name,
            "address": store.address,
            "brand_id": store.brand_id,
            "district_id": store.district_id,
            "latitude": latitude,
            "longitude": longitude,
        }
        known = select(tables.merchant).where(tables.merchant.c.merchant_id == store.merchant_id)
        with self._database.write() as connection:
            _check(connection.execute(known).first(), f"no merchant {store.merchant_id}")
            put(connection, tables.store, [row])

    def put_district(self, district_id: str, kind: str, name: str) -> None:
        """Add what stores of several merchants share: a mall, a district, or a brand."""
        _check(kind in ("mall", "district", "brand"), f"{kind!r} is no mall, district or brand")
        row = {"district_id": district_id, "kind": kind, "name": name}
        with self._database.write() as connection:
            put(connection, tables.district, [row])

    # --- terminals ------------------------------------------------------------------------------

    def plan(self, plan: Plan, who: str, now_ms: int) -> None:
        """Register a terminal that no device has joined yet.

        Raises RegisterError where the number or the serial is taken, be it by another merchant.
        """
        _check(_TERMINAL_ID.fullmatch(plan.who.terminal_id), "a terminal's id is 4 to 8 digits")
        _check(plan.device_type in DEVICE_TYPES, f"{plan.device_type!r} is no type of device")
        _check(0 < len(plan.serial) <= 50, "a serial number has 1 to 50 characters")
        _check(
            not plan.acquirer_no or re.fullmatch("[0-9]{8}", plan.acquirer_no),
            "an acquirer's number for a terminal has 8 digits",
        )
        with self._database.write() as connection:
            stores = tables.store
            there = select(stores.c.store_id).where(
                stores.c.merchant_id == plan.who.merchant_id, stores.c.store_id == plan.store_id
            )
            _check(connection.execute(there).first(), f"no store {plan.store_id}")
            terminals = tables.terminal
            taken = select(terminals.c.serial).where(of(terminals, plan.who))
            _check(connection.execute(taken).first() is None, f"{plan.who} is registered")
            self._take_serial(connection, plan)
            connection.execute(
                insert(terminals).values(
                    merchant_id=plan.who.merchant_id,
                    terminal_id=plan.who.terminal_id,
                    store_id=plan.store_id,
                    serial=plan.serial,
                    device_type=plan.device_type,
                    network_license=plan.network_license,
                    acquirer_no=plan.acquirer_no,
                    status=PLANNED,
                    created_ms=now_ms,
                )
            )
            _note(connection, plan.who, "planned", who, now_ms)

    def ask(self, asked: Asked, now_ms: int) -> str:
        """A device asks to join: the code that its screen shows, good for a quarter of an hour.

        Raises RegisterError while too many wait.
        """
        _check(len(asked.public_key) == 32, "an Ed25519 key has 32 bytes")
        _check(len(asked.serial) <= 50 and len(asked.version) <= 50, "a word is too long")
        code = "".join(CODE_LETTERS[self._random(len(CODE_LETTERS))] for _ in range(CODE_LENGTH))
        waiting = tables.joining
        with self._database.write() as connection:
            connection.execute(delete(waiting).where(waiting.c.created_ms < now_ms - CODE_LIFE_MS))
            count = connection.execute(select(func.count()).select_from(waiting)).scalar_one()
            _check(count < WAITING_CODES, "too many devices wait to join")
            connection.execute(
                insert(waiting).values(
                    code_hash=_hash(code),
                    public_key=asked.public_key,
                    serial=asked.serial,
                    device_type=asked.device_type,
                    terminal_id=asked.terminal_id,
                    version=asked.version,
                    created_ms=now_ms,
                )
            )
        return code

    def approve(self, code: str, terminal: Who, who: str, now_ms: int) -> None:
        """The device that shows `code` is this planned terminal from now on.

        Raises RegisterError for a code that is unknown, old or used, for a device with another
        serial number than was planned, and for a terminal that is not waiting for its device.
        """
        waiting, terminals = tables.joining, tables.terminal
        clean = code.strip().upper().replace("-", "").replace(" ", "")
        with self._database.write() as connection:
            row = connection.execute(
                locked(select(waiting).where(waiting.c.code_hash == _hash(clean)))
            ).first()
            fresh = row is not None and row.created_ms >= now_ms - CODE_LIFE_MS
            _check(fresh, "no device shows this code now")
            assert row is not None
            _check(not row.approved_ms, "this code was used")
            planned = connection.execute(
                locked(select(terminals).where(of(terminals, terminal)))
            ).first()
            _check(planned, f"{terminal} is not registered")
            assert planned is not None
            _check(planned.status == PLANNED, f"{terminal} is {planned.status.lower()}")
            _check(
                planned.serial == row.serial,
                f"the device says serial {row.serial!r}, planned is {planned.serial!r}",
            )
            _check(
                not row.terminal_id or row.terminal_id == terminal.terminal_id,
                f"the device is set up as terminal {row.terminal_id}",
            )
            connection.execute(
                update(terminals)
                .where(of(terminals, terminal))
                .values(status=ACTIVE, public_key=row.public_key, joined_ms=now_ms)
            )
            connection.execute(
                update(waiting)
                .where(waiting.c.code_hash == row.code_hash)
                .values(
                    approved_ms=now_ms,
                    merchant_id=terminal.merchant_id,
                    terminal_id=terminal.terminal_id,
                )
            )
            _note(connection, terminal, "joined", who, now_ms)

    def joined(self, public_key: bytes, code: str) -> Who | None:
        """Which terminal the device with this key became; None while nobody approved it.

        Raises RegisterError where the code is not one that waits for this key.
        """
        waiting = tables.joining
        with self._database.read() as connection:
            row = connection.execute(
                select(waiting).where(waiting.c.code_hash == _hash(code))
            ).first()
        _check(row is not None and row.public_key == public_key, "this code does not wait")
        assert row is not None
        return Who(row.merchant_id, row.terminal_id) if row.approved_ms else None

    def revoke(self, terminal: Who, status: str, who: str, now_ms: int) -> None:
        """The device is LOST or RETIRED: its key opens nothing from now on.

        A retired device's serial is free for another terminal; a lost one's is not.
        """
        _check(status in (LOST, RETIRED), f"{status!r} revokes no key")
        terminals, serials = tables.terminal, tables.serial
        with self._database.write() as connection:
            row = connection.execute(
                locked(select(terminals).where(of(terminals, terminal)))
            ).first()
            _check(row, f"{terminal} is not registered")
            assert row is not None
            connection.execute(
                update(terminals)
                .where(of(terminals, terminal))
                .values(status=status, public_key=None)
            )
            if status == RETIRED:
                connection.execute(delete(serials).where(serials.c.serial == row.serial))
            _note(connection, terminal, status.lower(), who, now_ms)

    def _take_serial(self, connection: Connection, plan: Plan) -> None:
        serials = tables.serial
        query = select(serials).where(serials.c.serial == plan.serial)
        held = connection.execute(query).first()
        _check(held is None, f"serial {plan.serial} belongs to another terminal")
        connection.execute(
            insert(serials).values(
                serial=plan.serial,
                merchant_id=plan.who.merchant_id,
                terminal_id=plan.who.terminal_id,
            )
        )


def _note(connection: Connection, terminal: Who, what: str, who: str, now_ms: int) -> None:
    """One more line of the terminal's life; the caller holds its row."""
    events = tables.terminal_event
    number = connection.execute(
        select(func.coalesce(func.max(events.c.number), 0) + 1).where(of(events, terminal))
    ).scalar_one()
    connection.execute(
        insert(events).values(
            merchant_id=terminal.merchant_id,
            terminal_id=terminal.terminal_id,
            number=number,
            at_ms=now_ms,
            what=what,
            who=who,
        )
    )


def _place(location: str) -> tuple[float | None, float | None]:
    if not location:
        return None, None
    _check(_LOCATION.fullmatch(location), f"{location!r} is no place like +31.2304/+121.4737")
    latitude, _, longitude = location.partition("/")
    return float(latitude), float(longitude)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _check(holds: object, otherwise: str) -> None:
    if not holds:
        raise RegisterError(otherwise)
