"""The face service's line to the wallet: its time, its key, its judgement, its records."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.sandbox.posting import PATIENCE, request


class Unreachable(Exception):
    """The wallet did not answer, or not in JSON."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The wallet's time: virtual Unix seconds, and how much faster its rules run."""

    now: float
    speed: float

    def span(self, seconds: float) -> float:
        """What a rule of `seconds` takes."""
        return seconds / self.speed


@dataclass(frozen=True, slots=True)
class WalletLine:
    """Calls the sandbox at `url`; every method raises Unreachable."""

    url: str

    async def moment(self) -> Moment:
        """Its time now."""
        told = await self._asked("GET", "/sandbox/health")
        return Moment(datetime.fromisoformat(told["now"]).timestamp(), float(told["speed"]))

    async def key(self) -> bytes:
        """The public key that probes are sealed for."""
        return base64.b64decode((await self._asked("GET", "/sandbox/wallet"))["public_key"])

    async def enrol(self, openid: str, template: Sequence[float]) -> None:
        """Have the wallet know a face."""
        wanted = {"openid": openid, "template": list(template)}
        await self._asked("POST", "/sandbox/faces", wanted)

    async def code(self, openid: str) -> str:
        """A payment code on the holder's phone."""
        return str((await self._asked("POST", "/sandbox/codes", {"openid": openid}))["code"])

    async def call(
        self, name: str, fields: Mapping[str, str], patience: float = PATIENCE
    ) -> dict[str, Any]:
        """One of the face service's own calls; `patience` in seconds of the machine."""
        return await self._asked("POST", f"/face/{name}", fields, patience)

    async def _asked(
        self, method: str, path: str, wanted: object = None, patience: float = PATIENCE
    ) -> dict[str, Any]:
        body = b"" if wanted is None else json.dumps(wanted).encode()
        answer = await request(method, self.url.rstrip("/") + path, {}, body, patience)
        try:
            told = json.loads(answer.body) if answer is not None else None
        except ValueError as error:
            raise Unreachable(path) from error
        if not isinstance(told, dict):
            raise Unreachable(path)
        return told
