"""Who looks at a page, and what a page does for him: ask, show, update by itself."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

from nicegui import ui
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from fleet.console.events import Done
from fleet.console.frame import STYLE, head, html_lang, not_there_html
from fleet.console.gate import LANGUAGE, TOKEN, USER, address_of, signed_in
from fleet.console.markup import Markup
from fleet.console.roles import Act, User
from fleet.console.services import Services
from fleet.console.texts import Texts, preferred
from fleet.console.view import NotThere, View

CHECK = 5.0  # seconds between looks whether he is still signed in
SLOWEST = 30.0  # seconds until a page is given up
BRAND = "#0B6E4F"

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Caller:
    """One open page of one user."""

    services: Services
    user: User
    view: View
    say: Texts
    request: Request
    token: str
    address: str
    _checked: float = field(default_factory=time.monotonic)

    @property
    def now_ms(self) -> int:
        """The time."""
        return self.services.now_ms()

    async def ask(
        self, question: Callable[Concatenate[View, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """The answer to one of his questions."""
        return await run_in_threadpool(question, self.view, *args, **named)

    async def watch(self, key: Hashable, seconds: float, question: Callable[[View], T]) -> T:
        """The same, from an answer that others may have asked for up to `seconds` ago.

        `key` names the question with all that narrows it.
        """
        shared = self.services.shared
        return await shared.ask((key, self.view.shared_by), seconds, lambda: question(self.view))

    def every(self, seconds: float, renew: Callable[[], Awaitable[None]]) -> None:
        """Renew a part of the page by itself, as long as he is signed in."""

        async def tick() -> None:
            if await self.still():
                await renew()

        ui.timer(seconds, tick, immediate=False)

    async def still(self, *, acts: bool = False) -> bool:
        """Whether he is signed in; if not, he is led to where he can. `acts`: he does something."""
        now = time.monotonic()
        if not acts and now - self._checked < CHECK:
            return True
        self._checked = now
        user = await run_in_threadpool(signed_in, self.services, self.token, touch=acts)
        if user != self.user:
            ui.navigate.to("/sign-in")
        return user == self.user

    async def note(self, what: str, merchant_id: str, about: str, detail: str = "") -> None:
        """Write down what he did."""
        done = Done(self.user.name, self.address, what, merchant_id, about, detail)
        await run_in_threadpool(self.services.events.note, done, self.now_ms)


Build = Callable[[Caller], Awaitable[None]]


def page(services: Services, path: str, title: str, build: Build, act: Act | None = None) -> None:
    """Register a page; it is unknown to who may not `act`, as are ids that are not his."""

    @ui.page(path, response_timeout=SLOWEST)
    async def shown(request: Request) -> Response | None:
        caller = caller_of(services, request)
        if act is not None and not caller.user.may(act):
            return not_there(caller)
        if not all(str(each).isprintable() for each in request.path_params.values()):
            return not_there(caller)
        _frame(caller, title)
        try:
            with ui.element("div").classes("page").props("id=content tabindex=-1"):
                await build(caller)
        except NotThere:
            return not_there(caller)
        return None


def caller_of(services: Services, request: Request) -> Caller:
    """Who sent the request; the gate has let him in."""
    user: User = request.scope[USER]
    return Caller(
        services,
        user,
        View(services.database, user),
        texts_of(request),
        request,
        str(request.session.get(TOKEN, "")),
        address_of(request),
    )


def texts_of(request: Request) -> Texts:
    """What is said in the language that he chose, or that his browser likes."""
    chosen = request.session.get(LANGUAGE)
    return Texts(chosen or preferred(request.headers.get("accept-language", "")))


def not_there(caller: Caller) -> Response:
    """The answer to an unknown address."""
    return HTMLResponse(not_there_html(caller.say), 404)


def show(markup: Markup | str, classes: str = "") -> ui.html:
    """Put ready markup on the page; the browser cleans it once more."""
    return ui.html(str(markup)).classes(classes)


def _frame(caller: Caller, title: str) -> None:
    say, url = caller.say, caller.request.url
    ui.page_title(f"{say(title)} · {say('product')}")
    ui.colors(primary=BRAND)
    ui.add_head_html(f'<link rel="stylesheet" href="{STYLE}">')
    ui.add_body_html(f"<script>document.documentElement.lang = '{html_lang(say)}'</script>")
    back = f"{url.path}?{url.query}" if url.query else url.path
    show(head(say, caller.user, url.path, back), "bar")


def query_text(caller: Caller, name: str) -> str:
    """A value of the address, "" where it is not there; never longer than an id."""
    return printable(caller.request.query_params.get(name, "").strip()[:100])


def printable(text: str) -> str:
    """The text without what nobody can type and no database keeps."""
    return "".join(letter for letter in text if letter.isprintable())
