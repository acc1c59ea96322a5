"""Signed requests to the fleet over HTTPS, in the fleet's time.

FleetError ─┬─ Unreachable   no answer, or one that says: later
└─ NotTaken      an answer that says no, with its code
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.signed import Signer
from kiosk.errors import KioskError

CONNECT, READ = 5.0, 30.0  # seconds


class FleetError(KioskError):
    """The fleet did not do what it was asked."""


class Unreachable(FleetError):
    """Nobody answered, or not now: ask again later."""


class NotTaken(FleetError):
    """The fleet refused by `code`; the same request again is pointless."""

    def __init__(self, code: str, cause: str, mend: str = "") -> None:
        super().__init__(cause, mend)
        self.code = code


class FleetLine:
    """One kiosk's line; used by one thread at a time."""

    def __init__(
        self,
        url: str,
        keyid: str,
        key: Ed25519PrivateKey,
        wall_ms: Callable[[], int],
        trust: str | None = None,
    ) -> None:
        """`trust` names a file of certificates, where the fleet's is from none of the public ones.

        Nothing is connected yet.
        """
        self._signer = Signer(keyid, key.sign, wall_ms, lambda: secrets.token_urlsafe(16))
        verify: Any = httpx.create_ssl_context(verify=trust) if trust else True
        self._http = httpx.Client(
            base_url=url, verify=verify, timeout=httpx.Timeout(READ, connect=CONNECT)
        )

    def post(self, path: str, body: bytes) -> dict[str, Any]:
        """The answer to a signed request. Raises Unreachable or NotTaken."""
        answer = self._send(path, body)
        if answer.status_code == 401 and self._signer.set_clock(_table(answer)):
            answer = self._send(path, body)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unreachable(f"the fleet answers {answer.status_code}")
        told = _table(answer) if answer.content else {}
        if answer.status_code >= 300:
            code = str(told.get("code", answer.status_code))
            raise NotTaken(code, str(told.get("message", "the fleet refuses")))
        return told

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _send(self, path: str, body: bytes) -> httpx.Response:
        headers = self._signer.headers(path, body)
        try:
            return self._http.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(f"the fleet cannot be reached: {type(error).__name__}") from error


def _table(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise Unreachable("the fleet's answer cannot be read") from error
    if type(told) is not dict:
        raise Unreachable("the fleet's answer is no table")
    return told
