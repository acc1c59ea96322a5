"""The console's key: what signs cookies and seals second factors.

It lies in the file that FLEET_CONSOLE_KEY names, else in systemd's credential `console.key`, else
in `console.key` beside the database's default. Where there is none, one is made that only its owner
reads. Without it every user is signed out and has to be reset.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

NAME = "console.key"
SIZE = 32


class ConsoleKey:
    """One secret, from which one key for each purpose is made."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SIZE:
            raise ValueError(f"the console's key has fewer than {SIZE} bytes")
        self._secret = secret

    @property
    def cookies(self) -> str:
        """What cookies are signed with."""
        return self._derived(b"cookies").hex()

    def seal(self, text: str) -> bytes:
        """The text so that only this key reads it."""
        return self._fernet().encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """What was sealed. Raises ValueError where another key sealed it."""
        try:
            return self._fernet().decrypt(sealed).decode()
        except InvalidToken as error:
            raise ValueError("sealed with another console's key") from error

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._derived(b"second factor")))

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.new(self._secret, purpose, hashlib.sha256).digest()


def key_path(environment: Mapping[str, str]) -> Path:
    """Where the key lies or will lie."""
    if named := environment.get("FLEET_CONSOLE_KEY"):
        return Path(named)
    if folder := environment.get("CREDENTIALS_DIRECTORY"):
        credential = Path(folder) / NAME
        if credential.exists():
            return credential
    return Path(NAME)


def read_key(path: Path) -> ConsoleKey:
    """The key in the file, made where there is none. Raises OSError, ValueError."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(SIZE))
    return ConsoleKey(bytes.fromhex(path.read_text("ascii").strip()))
