"""How a device joins: it proves that it has its key, shows a code, and asks until it is told.

The requests are signed with the very key that asks, under the keyid `joining/SERIAL`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from fleet.auth import Unproven, proven_seal, verify
from fleet.door import SMALL, described, sealed
from fleet.register import CODE_LIFE_MS, Asked, Register

Word = Annotated[str, StringConstraints(max_length=50)]


class Device(BaseModel):
    """A device that asks to join."""

    public_key: str = Field(pattern=r"^[A-Za-z0-9+/]{43}=$", description="32 bytes, Ed25519")
    serial: Word
    device_type: Word = "09"
    terminal_id: Word = Field("", description="what it is set up as; empty: any")
    version: Word = ""


BODY = described(Device)


class Code(BaseModel):
    """What its screen shows."""

    code: str
    expires_in: int = Field(description="seconds")


class Joined(BaseModel):
    """Which terminal the device became; all empty while nobody approved it."""

    merchant_id: str = ""
    terminal_id: str = ""


def joining_routes(register: Register, now_ms: Callable[[], int]) -> APIRouter:
    """The two routes of joining."""
    router = APIRouter()

    async def proven(request: HttpRequest) -> tuple[Device, bytes]:
        signed = await sealed(request, SMALL)
        device = Device.model_validate_json(signed.body)
        key = _key(device.public_key)
        seal = proven_seal(signed, now_ms())
        if seal.keyid != f"joining/{device.serial}":
            raise Unproven("KEYID", "the request is signed by another device")
        verify(signed, seal, key)
        return device, key

    @router.post("/v1/joining", openapi_extra=BODY)
    async def ask(request: HttpRequest) -> Code:
        """Ask to join: the code is typed in beside the terminal that was planned."""
        device, key = await proven(request)
        asked = Asked(key, device.serial, device.device_type, device.terminal_id, device.version)
        code = await run_in_threadpool(register.ask, asked, now_ms())
        return Code(code=code, expires_in=CODE_LIFE_MS // 1000)

    @router.post("/v1/joining/{code}", openapi_extra=BODY)
    async def joined(request: HttpRequest, code: str) -> Joined:
        """Ask which terminal the device became."""
        _device, key = await proven(request)
        who = await run_in_threadpool(register.joined, key, code)
        if who is None:
            return Joined()
        return Joined(merchant_id=who.merchant_id, terminal_id=who.terminal_id)

    return router


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("public_key is no base64") from error
    if len(key) != 32:
        raise ValueError("public_key has 32 bytes")
    return key
