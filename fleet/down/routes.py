"""How a kiosk learns what is wanted of it.

POST /v1/down          what it has seen, holds, and answers ─► commands and new documents,
at once or as soon as there are any, or nothing after at most `wait` seconds
POST /v1/down/{kind}   a version that is desired for it     ─► its text
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fleet.auth import Auth
from fleet.door import Number, Unknown, described, prover
from fleet.down.commands import OPEN, Answer, Commands
from fleet.down.desired import SAID, Desired, State, Told, news
from fleet.down.waiting import Waiting, heard
from fleet.who import Who

LONGEST_WAIT = 25.0  # seconds; proxies on the way cut a line that is silent for a minute
SPREAD = 0.4  # of the time
MOST = 10  # kinds, of which there are four

_Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
_Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]
_Said = Annotated[str, StringConstraints(max_length=SAID, pattern=r"^[^\x00]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Word(_Strict):
    """What the kiosk makes of a version of a document."""

    kind: _Kind
    version: Number
    state: State
    said: _Said = ""


class Answered(_Strict):
    """What became of a command."""

    command_id: _Id
    done: bool
    said: _Said = ""


class Asks(_Strict):
    """Everything the kiosk has to say, and how long it waits at most."""

    wait: Annotated[float, Field(ge=0, le=LONGEST_WAIT)] = LONGEST_WAIT
    seen: Annotated[dict[str, Number], Field(max_length=MOST)] = {}
    states: Annotated[list[Word], Field(max_length=MOST)] = []
    holding: Annotated[list[_Id], Field(max_length=OPEN)] = []
    answers: Annotated[list[Answered], Field(max_length=OPEN)] = []


class Wanted(_Strict):
    """A command."""

    command_id: str
    what: str
    arguments: dict[str, Any]


class Newer(_Strict):
    """A document that the kiosk has not seen; version 0: none is desired any more."""

    version: int
    sha256: str


class Down(_Strict):
    """What is wanted of the kiosk now."""

    commands: list[Wanted]
    documents: dict[str, Newer]


class Version(_Strict):
    """Which version of a document is asked for."""

    version: Number


class Text(_Strict):
    """A document, whole."""

    kind: str
    version: int
    sha256: str
    text: str


class _Desk:
    """What both routes know."""

    def __init__(self, commands: Commands, desired: Desired, now_ms: Callable[[], int]) -> None:
        self._commands, self._desired, self._now_ms = commands, desired, now_ms

    def keep(self, who: Who, asks: Asks) -> None:
        """Write down what the kiosk said."""
        if asks.answers:
            answers = [Answer(one.command_id, one.done, one.said) for one in asks.answers]
            self._commands.answer(who, answers, self._now_ms())
        if asks.states:
            told = [Told(one.kind, one.version, one.state, one.said) for one in asks.states]
            self._desired.tell(who, told, self._now_ms())

    def look(self, who: Who, asks: Asks) -> Down:
        """What there is for the kiosk now."""
        commands = self._commands.waiting(who, asks.holding)
        if commands:
            self._commands.fetched(who, [one.command_id for one in commands], self._now_ms())
        documents = news(self._desired.of(who), asks.seen)
        return Down(
            commands=[
                Wanted(command_id=one.command_id, what=one.what, arguments=dict(one.arguments))
                for one in commands
            ],
            documents={
                kind: Newer(version=one.version, sha256=one.sha256)
                for kind, one in documents.items()
            },
        )

    def text(self, who: Who, kind: str, version: int) -> Text:
        """One document. Raises Unknown."""
        document = self._desired.of(who).get(kind)
        text = self._desired.text(who, kind, version)
        if document is None or text is None:
            raise Unknown(f"no {kind} {version} is desired for {who}")
        return Text(kind=kind, version=version, sha256=document.sha256, text=text)


def down_routes(
    auth: Auth,
    commands: Commands,
    desired: Desired,
    waiting: Waiting,
    now_ms: Callable[[], int],
) -> APIRouter:
    """The two routes."""
    router, desk = APIRouter(), _Desk(commands, desired, now_ms)
    proven = prover(auth, now_ms, once=True)

    @router.post("/v1/down", openapi_extra=described(Asks))
    async def down(request: HttpRequest) -> Down:
        """Tell what became of things, and wait until there is something to do."""
        who, body = await proven(request)
        asks = Asks.model_validate_json(body)
        # Not all to the same time: who came together need not come again together.
        end = time.monotonic() + asks.wait * random.uniform(1 - SPREAD, 1)  # noqa: S311
        rung = waiting.enter(who)
        try:
            await run_in_threadpool(desk.keep, who, asks)
            while True:
                found = await run_in_threadpool(desk.look, who, asks)
                left = end - time.monotonic()
                if found.commands or found.documents or left <= 0:
                    return found
                if not await heard(rung, left):
                    return found
        finally:
            waiting.leave(who, rung)

    @router.post("/v1/down/{kind}", openapi_extra=described(Version))
    async def document(request: HttpRequest, kind: str) -> Text:
        """The text of a version that is desired for this kiosk."""
        who, body = await proven(request)
        version = Version.model_validate_json(body).version
        return await run_in_threadpool(desk.text, who, kind, version)

    return router
