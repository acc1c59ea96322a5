"""A terminal that has joined, straight through the register."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.clock import wall_ms
from fleet.database import Database
from fleet.register import Asked, Plan, Register, Store
from fleet.who import Who


def joined(database: Database, merchant_id: str, terminal_id: str) -> tuple[Who, Ed25519PrivateKey]:
    """Who it is, and its key; merchant and store are made where they are not there."""
    who, key = Who(merchant_id, terminal_id), Ed25519PrivateKey.generate()
    register, now, serial = Register(database, secrets.randbelow), wall_ms(), str(who)
    register.put_merchant(merchant_id, "measured", now)
    register.put_store(Store(merchant_id, "S1", "measured"))
    register.plan(Plan(who, "S1", serial), "bench", now)
    asked = Asked(key.public_key().public_bytes_raw(), serial, "09", terminal_id, "")
    register.approve(register.ask(asked, now), who, "bench", now)
    return who, key
