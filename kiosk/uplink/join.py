"""`kiosk join`: this device asks the fleet to become one of its terminals.

It makes its own key, which never leaves it, proves that it has it, and shows a code. Whoever keeps
the register types that in beside the terminal that was planned; then it is kept whose it is.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import __version__
from kiosk.clock import Clock
from kiosk.config import Config, merchant_path
from kiosk.disk import write_whole
from kiosk.domain.signed import Signer
from kiosk.errors import ConfigError, KioskError
from kiosk.uplink.line import FleetLine

ASK_EVERY = 3.0  # seconds

Say = Callable[[str], object]


class Joining:
    """This device asks to become a terminal; used by one thread."""

    def __init__(self, config: Config) -> None:
        """Makes the key where there is none yet. Raises ConfigError."""
        if not (config.fleet.url and config.fleet.serial):
            raise ConfigError("fleet.url and fleet.serial are needed to join", "Set both")
        path = key_path(config)
        key = read_key(path) if path.exists() else _make_key(path)
        self._kept = merchant_path(config)
        self._line = fleet_line(config, f"joining/{config.fleet.serial}", key)
        device = {
            "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
            "serial": config.fleet.serial,
            "terminal_id": config.terminal_id,
            "version": __version__,
        }
        self._body = json.dumps(device).encode()

    def ask(self) -> tuple[str, float]:
        """A new code, and for how many seconds it is good. Raises FleetError."""
        told = self._line.post("/v1/joining", self._body)
        return str(told["code"]), float(told["expires_in"])

    def joined(self, code: str) -> str:
        """Whose terminal it is, kept from now on; "" while nobody typed the code in."""
        merchant_id = str(self._line.post(f"/v1/joining/{code}", self._body).get("merchant_id", ""))
        if merchant_id:
            write_whole(self._kept, merchant_id)
        return merchant_id

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()


def command(config: Config, say: Say = sys.stdout.write) -> int:
    """Join, or say why not; 0 when this device is a terminal. Raises KioskError."""
    joining = Joining(config)
    try:
        code, seconds = joining.ask()
        say(f"\n    {shown(code)}\n\nType this code in beside the terminal.\n")
        merchant_id = _wait(joining, code, seconds)
    finally:
        joining.close()
    say(f"\nJoined: {config.terminal_id} of {merchant_id}. Start the kiosk again.\n")
    return 0


def shown(code: str) -> str:
    """A code as people read it."""
    return f"{code[:4]} {code[4:]}"


def fleet_line(config: Config, keyid: str, key: Ed25519PrivateKey) -> FleetLine:
    """The line to the fleet that the settings name."""
    trust = str(config.fleet.trust) if config.fleet.trust else None
    return FleetLine(config.fleet.url, keyid, key, Clock().wall_ms, trust)


def terminal_signer(config: Config) -> Signer:
    """What signs as the terminal that the settings name. Raises ConfigError."""
    if not config.fleet.merchant_id:
        raise ConfigError("fleet.merchant_id is needed", "Run kiosk join, and add what it says")
    keyid = f"{config.fleet.merchant_id}/{config.terminal_id}"
    key = read_key(key_path(config))
    return Signer(keyid, key.sign, Clock().wall_ms, lambda: secrets.token_urlsafe(16))


def key_path(config: Config) -> Path:
    """Where this device keeps its key."""
    return config.fleet.key or config.paths.state / "fleet.key"


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in a PEM file. Raises ConfigError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{path} holds no key: {error}", "Run kiosk join") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path} holds another kind of key", "Remove it, and run kiosk join")
    return key


def _make_key(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    return key


def _wait(joining: Joining, code: str, seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if merchant_id := joining.joined(code):
            return merchant_id
        time.sleep(ASK_EVERY)
    raise KioskError("nobody typed the code in", "Run kiosk join again")
