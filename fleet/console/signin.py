"""Signing in and out: plain pages, which need no script and can set a cookie.

    GET /sign-in ─► POST name, pass phrase ─► GET /sign-in/code ─► POST code ─► the console
                                              (at first with the QR code of the second factor)

A wrong name, a wrong pass phrase and a spent throttle look the same from the way in, and take the
same time, but for the last, which says when to come again.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import segno
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from fleet.console import events
from fleet.console.events import Done
from fleet.console.frame import language_form, page_html
from fleet.console.gate import LANGUAGE, TOKEN, address_of
from fleet.console.markup import Markup, tag
from fleet.console.services import Services
from fleet.console.sessions import CODE, IN
from fleet.console.texts import LANGUAGES, Texts, preferred
from fleet.console.users import UserError

Handler = Callable[[Request], Awaitable[Response]]


def signin_routes(services: Services) -> list[Route]:
    """All of it."""
    doors = SignIn(services)
    return [
        Route("/sign-in", doors.ask, methods=["GET"]),
        Route("/sign-in", doors.phrase, methods=["POST"]),
        Route("/sign-in/code", doors.ask_code, methods=["GET"]),
        Route("/sign-in/code", doors.code, methods=["POST"]),
        Route("/sign-out", doors.out, methods=["POST"]),
        Route("/language", doors.language, methods=["POST"]),
    ]


class SignIn:
    """The handlers of the routes."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask(self, request: Request) -> Response:
        """The form for name and pass phrase."""
        return _form_page(_texts(request), "")

    async def phrase(self, request: Request) -> Response:
        """First what he knows."""
        services, say = self._services, _texts(request)
        form = await request.form()
        name, phrase, address = _field(form, "name"), _field(form, "phrase"), address_of(request)
        now_ms = services.now_ms()
        if not await run_in_threadpool(services.throttle.allows, name, address, now_ms):
            await self._note(events.THROTTLED, name, request)
            return _form_page(say, say("sign_in.throttled"), 429)
        if not await run_in_threadpool(services.users.knows, name, phrase):
            await self._note(events.REFUSED, name, request)
            return _form_page(say, say("sign_in.wrong"), 401)
        request.session[TOKEN] = await self._begin(request, name, CODE)
        return RedirectResponse("/sign-in/code", 303)

    async def ask_code(self, request: Request) -> Response:
        """The form for the code, and the QR code where he has none yet."""
        name = await self._half_in(request)
        if name is None:
            return RedirectResponse("/sign-in", 303)
        return await self._code_page(request, name, "")

    async def code(self, request: Request) -> Response:
        """Then what he has."""
        services, say = self._services, _texts(request)
        name, address, now_ms = await self._half_in(request), address_of(request), services.now_ms()
        if name is None:
            return RedirectResponse("/sign-in", 303)
        code = _field(await request.form(), "code").replace(" ", "")
        if not await run_in_threadpool(services.throttle.allows, name, address, now_ms):
            await self._note(events.THROTTLED, name, request)
            return await self._code_page(request, name, say("sign_in.throttled"), 429)
        before = await run_in_threadpool(services.users.enrolled, name)
        if not await run_in_threadpool(services.users.has, name, code, now_ms):
            await self._note(events.REFUSED, name, request)
            return await self._code_page(request, name, say("sign_in.wrong_code"), 401)
        await run_in_threadpool(services.throttle.forget, name, address)
        request.session[TOKEN] = await self._begin(request, name, IN)
        if language := await run_in_threadpool(services.users.language, name):
            request.session[LANGUAGE] = language
        if not before:
            await self._note(events.ENROLLED, name, request)
        await self._note(events.SIGNED_IN, name, request)
        return RedirectResponse("/", 303)

    async def out(self, request: Request) -> Response:
        """Sign out."""
        token = request.session.pop(TOKEN, "")
        session = await run_in_threadpool(
            self._services.sessions.find, token, self._services.now_ms()
        )
        await run_in_threadpool(self._services.sessions.end, token)
        if session is not None:
            await self._note(events.SIGNED_OUT, session.name, request)
        return RedirectResponse("/sign-in", 303)

    async def language(self, request: Request) -> Response:
        """Another language from now on, for him and for this browser."""
        form = await request.form()
        chosen, back = _field(form, "language"), _field(form, "back")
        if chosen in LANGUAGES:
            request.session[LANGUAGE] = chosen
            token = request.session.get(TOKEN, "")
            session = await run_in_threadpool(
                self._services.sessions.find, token, self._services.now_ms()
            )
            if session is not None and session.stage == IN:
                await run_in_threadpool(self._services.users.choose_language, session.name, chosen)
        within = back.startswith("/") and not back.startswith(("//", "/\\"))
        return RedirectResponse(back if within else "/", 303)

    # --- inside ---------------------------------------------------------------------------------

    async def _half_in(self, request: Request) -> str | None:
        token = str(request.session.get(TOKEN, ""))
        session = await run_in_threadpool(
            self._services.sessions.find, token, self._services.now_ms()
        )
        return session.name if session is not None and session.stage == CODE else None

    async def _begin(self, request: Request, name: str, stage: str) -> str:
        old = str(request.session.get(TOKEN, ""))
        begin, now_ms = self._services.sessions.begin, self._services.now_ms()
        return await run_in_threadpool(begin, name, stage, now_ms, old)

    async def _note(self, what: str, name: str, request: Request) -> None:
        services = self._services
        user = await run_in_threadpool(services.users.find, name)
        merchant_id = user.merchant_id if user is not None else ""
        done = Done(name, address_of(request), what, merchant_id)
        await run_in_threadpool(services.events.note, done, services.now_ms())

    async def _code_page(
        self, request: Request, name: str, trouble: str, status: int = 200
    ) -> Response:
        say = _texts(request)
        try:
            uri = await run_in_threadpool(self._services.users.enrolment, name)
        except UserError:
            uri = ""
        except ValueError:  # sealed with another key than this one
            trouble = say("sign_in.key_lost")
            uri = ""
        enrolment = _enrolment(say, uri) if uri else None
        field = tag(
            "input",
            id="code",
            name="code",
            inputmode="numeric",
            autocomplete="one-time-code",
            pattern="[0-9 ]*",
            maxlength="7",
            required=True,
            autofocus=True,
        )
        form = tag(
            "form",
            enrolment,
            tag("label", say("sign_in.code"), for_="code"),
            field,
            tag("button", say("sign_in.finish"), type="submit", class_="main"),
            method="post",
        )
        title = say("sign_in.enrol" if uri else "sign_in.second")
        return _card(say, title, trouble, form, "/sign-in/code", status)


def _enrolment(say: Texts, uri: str) -> Markup:
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(
        drawn, kind="svg", scale=5, border=2, xmldecl=False, svgns=True, light="#fff"
    )
    secret = uri.partition("secret=")[2].partition("&")[0]
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return tag(
        "div",
        tag("p", say("sign_in.scan")),
        # Drawn here from our own text: nothing in it comes from outside.
        tag("div", Markup(drawn.getvalue().decode()), class_="qr", role="img", aria_label="QR"),
        tag("p", say("sign_in.by_hand"), " ", tag("code", spaced, id="secret"), class_="soft"),
    )


def _form_page(say: Texts, trouble: str, status: int = 200) -> Response:
    form = tag(
        "form",
        tag("label", say("sign_in.name"), for_="name"),
        tag(
            "input",
            id="name",
            name="name",
            autocomplete="username",
            maxlength="64",
            required=True,
            autofocus=True,
        ),
        tag("label", say("sign_in.phrase"), for_="phrase"),
        tag(
            "input",
            id="phrase",
            name="phrase",
            type="password",
            autocomplete="current-password",
            maxlength="200",
            required=True,
        ),
        tag("button", say("sign_in.next"), type="submit", class_="main"),
        method="post",
        action="/sign-in",
    )
    return _card(say, say("sign_in.title"), trouble, form, "/sign-in", status)


def _card(say: Texts, title: str, trouble: str, form: Markup, back: str, status: int) -> Response:
    body = tag(
        "main",
        tag(
            "div",
            tag("p", tag("span", "", class_="seal"), say("product"), class_="product"),
            tag("h1", title),
            tag("p", trouble, class_="trouble", role="alert") if trouble else None,
            form,
            language_form(say, back),
            class_="card",
        ),
        class_="sign-in",
    )
    return HTMLResponse(page_html(say, title, body), status)


def _texts(request: Request) -> Texts:
    chosen = request.session.get(LANGUAGE)
    return Texts(chosen or preferred(request.headers.get("accept-language", "")))


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value[:300] if isinstance(value, str) else ""
