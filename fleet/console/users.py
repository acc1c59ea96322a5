"""The console's users: what they know (a pass phrase) and what they have (a code that moves on).

The provider makes them and resets them; nobody else can. A second factor (RFC 6238) is enrolled at
the first sign-in. A code counts once, and so does whoever reads it over a shoulder.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fleet import tables
from fleet.console.keys import ConsoleKey
from fleet.console.roles import Role, User
from fleet.console.tables import console_assignment, console_session, console_user
from fleet.database import Database

SHORTEST = 12  # characters of a pass phrase
LONGEST = 200
ISSUER = "Fleet console"
PERIOD = 30  # seconds a code stands
MERCHANT, DISTRICT = "merchant", "district"


class UserError(Exception):
    """What was asked of the users cannot be; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A user as the provider lists him."""

    user: User
    enrolled: bool


class Users:
    """Safe for threads."""

    def __init__(self, database: Database, key: ConsoleKey) -> None:
        self._database, self._key = database, key
        self._hasher = PasswordHasher()

    def add(self, user: User, phrase: str, now_ms: int) -> None:
        """Make a user. Raises UserError where the name is taken or his shop is not known."""
        _check(0 < len(user.name) <= 64 and user.name.isprintable(), "a name has 1 to 64 letters")
        _check_phrase(phrase)
        self._check_place(user)
        row = {
            "name": user.name,
            "role": user.role.value,
            "merchant_id": user.merchant_id,
            "store_id": user.store_id,
            "pass_hash": self._hasher.hash(phrase),
            "created_ms": now_ms,
        }
        assigned = [(MERCHANT, each) for each in user.merchants]
        assigned += [(DISTRICT, each) for each in user.districts]
        with self._database.write() as connection:
            try:
                connection.execute(insert(console_user).values(**row))
            except IntegrityError as error:
                raise UserError(f"there is a user {user.name}") from error
            for kind, each in sorted(assigned):
                values = {"name": user.name, "kind": kind, "id": each}
                connection.execute(insert(console_assignment).values(**values))

    def reset(self, name: str, phrase: str) -> None:
        """Give him another pass phrase, and have him enrol anew; he is signed out everywhere."""
        _check_phrase(phrase)
        values = {
            "pass_hash": self._hasher.hash(phrase),
            "secret": None,
            "enrolled_ms": 0,
            "last_step": 0,
        }
        with self._database.write() as connection:
            done = connection.execute(_change(name, **values))
            _check(done.rowcount, f"there is no user {name}")
            connection.execute(delete(console_session).where(console_session.c.name == name))

    def every(self) -> list[Listed]:
        """All users, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(console_user).order_by(console_user.c.name)).all()
        found = ((self.find(row.name), bool(row.enrolled_ms)) for row in rows)
        return [Listed(user, enrolled) for user, enrolled in found if user is not None]

    def find(self, name: str) -> User | None:
        """The user of this name."""
        row = self._row(name)
        if row is None:
            return None
        assigned = select(console_assignment).where(console_assignment.c.name == name)
        with self._database.read() as connection:
            pairs = [(each.kind, each.id) for each in connection.execute(assigned)]
        return User(
            row.name,
            Role(row.role),
            row.merchant_id,
            row.store_id,
            frozenset(each for kind, each in pairs if kind == MERCHANT),
            frozenset(each for kind, each in pairs if kind == DISTRICT),
        )

    # --- what he knows and what he has ----------------------------------------------------------

    def knows(self, name: str, phrase: str) -> bool:
        """Whether the pass phrase is his; it takes as long for a name that nobody has."""
        row = self._row(name)
        kept = self._nobody if row is None else row.pass_hash
        try:
            self._hasher.verify(kept, phrase[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return row is not None

    def enrolled(self, name: str) -> bool:
        """Whether he has shown once that he has his second factor."""
        row = self._row(name)
        return row is not None and bool(row.enrolled_ms)

    def enrolment(self, name: str) -> str:
        """The otpauth: address for his authenticator; the same until he has enrolled.

        Raises UserError once he has: the secret is not shown again.
        """
        row = self._row(name)
        if row is None or row.enrolled_ms:
            raise UserError(f"{name} has enrolled")
        if row.secret is None:
            made = self._key.seal(pyotp.random_base32())
            with self._database.write() as connection:
                connection.execute(
                    _change(name, secret=made).where(console_user.c.secret.is_(None))
                )
            row = self._row(name)
            assert row is not None
        return pyotp.TOTP(self._key.unseal(row.secret)).provisioning_uri(
            name=name, issuer_name=ISSUER
        )

    def has(self, name: str, code: str, now_ms: int) -> bool:
        """Whether this is his code now, or the one before or after; it counts once."""
        row = self._row(name)
        if row is None or row.secret is None:
            return False
        factor = pyotp.TOTP(self._key.unseal(row.secret), interval=PERIOD)
        now_step, matched = now_ms // 1000 // PERIOD, 0
        for step in (now_step - 1, now_step, now_step + 1):
            expected = factor.generate_otp(step).encode()
            if hmac.compare_digest(expected, code.strip().encode()):
                matched = step
        newer = console_user.c.last_step < matched
        with self._database.write() as connection:
            used = connection.execute(_change(name, last_step=matched).where(newer))
            fresh = bool(used.rowcount)
            if fresh and not row.enrolled_ms:
                connection.execute(_change(name, enrolled_ms=now_ms))
        return fresh

    def language(self, name: str) -> str:
        """The language he chose; "": none yet."""
        row = self._row(name)
        return "" if row is None else str(row.language)

    def choose_language(self, name: str, language: str) -> None:
        """Remember it."""
        with self._database.write() as connection:
            connection.execute(_change(name, language=language))

    # --- inside ---------------------------------------------------------------------------------

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("a name that nobody has")

    def _row(self, name: str) -> Row[Any] | None:
        with self._database.read() as connection:
            return connection.execute(
                select(console_user).where(console_user.c.name == name)
            ).first()

    def _check_place(self, user: User) -> None:
        merchants = {user.merchant_id, *user.merchants} - {""}
        stores, districts = tables.store, tables.district
        with self._database.read() as connection:
            for each in sorted(merchants):
                known = select(tables.merchant).where(tables.merchant.c.merchant_id == each)
                _check(connection.execute(known).first(), f"no merchant {each}")
            for each in sorted(user.districts):
                known = select(districts).where(districts.c.district_id == each)
                _check(connection.execute(known).first(), f"no district {each}")
            if user.role is Role.STORE:
                known = select(stores).where(
                    stores.c.merchant_id == user.merchant_id, stores.c.store_id == user.store_id
                )
                _check(connection.execute(known).first(), f"no store {user.store_id}")
        tied = user.role in (Role.MERCHANT, Role.STORE)
        _check(bool(user.merchant_id) == tied, f"a {user.role.value} and a merchant do not fit")
        _check(
            bool(user.merchants or user.districts) == (user.role is Role.OPERATOR),
            "an operator, and nobody else, looks after merchants or districts",
        )


def _change(name: str, **values: object) -> Any:
    return update(console_user).where(console_user.c.name == name).values(**values)


def _check_phrase(phrase: str) -> None:
    fits = SHORTEST <= len(phrase) <= LONGEST
    _check(fits, f"a pass phrase has {SHORTEST} to {LONGEST} characters")


def _check(holds: object, otherwise: str) -> None:
    if not holds:
        raise UserError(otherwise)
