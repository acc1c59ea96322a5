"""Who calls: a registered terminal that signed with the key it joined with, just now, once.

A request that fails any of it is `Unproven`; the answer says which, and what time it is here, so
that a kiosk whose clock is off can sign again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from fleet import tables
from fleet.database import Database
from fleet.register import ACTIVE
from fleet.who import Who, of
from kiosk.domain.signed import WINDOW, Seal, content_digest, read_signature, signature_base

SEEN = 10_000  # keys kept in mind
UNKNOWN = "it has not joined, or its key was revoked"


class Unproven(Exception):
    """The request proves nothing; `code` is for the kiosk's log."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Request:
    """What a signature covers; headers by lower-case names, the query without its mark."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Auth:
    """Proves requests against the register; safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[Who, bytes] = {}

    def claim(self, request: Request, now_ms: int) -> tuple[Who, bytes]:
        """Who signed this request, and the public key that says so. Raises Unproven.

        The key may be one that was seen a while ago: whoever acts on it compares it with the
        register, in the transaction that it acts in. What may be repeated needs no more.
        """
        seal = proven_seal(request, now_ms)
        who = _named(seal)
        key = self._seen.get(who)
        if key is not None:
            try:
                verify(request, seal, key)
            except Unproven:
                pass  # it may have joined with another key since
            else:
                return who, key
        if len(self._seen) >= SEEN:
            self._seen.clear()
        self._seen[who] = key = self._registered(who)
        verify(request, seal, key)
        return who, key

    def prove(self, request: Request, now_ms: int, *, once: bool = False) -> Who:
        """Who signed this request. Raises Unproven.

        `once`: the same request again, be it by whoever copied it, is refused. What may be
        repeated without harm needs that not.
        """
        seal = proven_seal(request, now_ms)
        who = _named(seal)
        verify(request, seal, self._registered(who))
        if once:
            self._spend(who, seal.nonce, now_ms)
        return who

    def _registered(self, who: Who) -> bytes:
        terminals = tables.terminal
        with self._database.read() as connection:
            row = connection.execute(select(terminals).where(of(terminals, who))).first()
        if row is None or row.public_key is None or row.status != ACTIVE:
            raise Unproven("TERMINAL_UNKNOWN", UNKNOWN)
        return bytes(row.public_key)

    def _spend(self, who: Who, nonce: str, now_ms: int) -> None:
        spent = tables.nonce
        row = {"merchant_id": who.merchant_id, "terminal_id": who.terminal_id, "nonce": nonce}
        with self._database.write() as connection:
            old = now_ms - 2 * WINDOW * 1000
            connection.execute(delete(spent).where(of(spent, who), spent.c.created_ms < old))
            try:
                connection.execute(insert(spent).values(**row, created_ms=now_ms))
            except IntegrityError as error:
                raise Unproven("REPLAYED", "this request was made before") from error


def _named(seal: Seal) -> Who:
    merchant_id, _, terminal_id = seal.keyid.partition("/")
    return Who(merchant_id, terminal_id)


def proven_seal(request: Request, now_ms: int) -> Seal:
    """The seal of a request that is fresh and whose body is what was digested."""
    try:
        seal, _ = read_signature(request.headers)
    except ValueError as error:
        raise Unproven("SIGNATURE_MISSING", str(error)) from error
    if abs(seal.created - now_ms / 1000) > WINDOW:
        raise Unproven("CLOCK", "the request's time is off")
    if request.headers.get("content-digest") != content_digest(request.body):
        raise Unproven("DIGEST", "the body is not the one that was signed")
    return seal


def verify(request: Request, seal: Seal, public_key: bytes) -> None:
    """Check the signature against 32 bytes of Ed25519 key. Raises Unproven."""
    _, signature = read_signature(request.headers)
    digest = request.headers["content-digest"]
    base = signature_base(request.method, request.path, request.query, digest, seal)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, base)
    except (InvalidSignature, ValueError) as error:
        raise Unproven("SIGNATURE", "the signature does not hold") from error
