"""What stands around every page: the way through the console, the language, who is signed in."""

from __future__ import annotations

from fleet.console.markup import Markup, join, tag
from fleet.console.roles import Act, User
from fleet.console.texts import LANGUAGES, Texts

STYLE = "/assets/console.css"
_LANG = {"zh": "zh-CN", "en": "en"}
_NAMES = {"zh": "中文", "en": "English"}
_PAGES = (
    ("/", "overview", None),
    ("/terminals", "terminals", None),
    ("/transactions", "transactions", Act.MONEY),
    ("/payments", "payments", Act.MONEY),
)


def page_html(say: Texts, title: str, body: Markup) -> str:
    """A whole page that needs no script."""
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"{title} · {say('product')}"),
        Markup(f'<link rel="stylesheet" href="{STYLE}">'),
    )
    html = tag("html", head, tag("body", body, class_="plain"), lang=_LANG[say.language])
    return f"<!doctype html>{html}"


def html_lang(say: Texts) -> str:
    """The language as browsers name it."""
    return _LANG[say.language]


def language_form(say: Texts, back: str) -> Markup:
    """Buttons for the other languages, each in its own name."""
    buttons = join(
        tag(
            "button",
            _NAMES[each],
            type="submit",
            name="language",
            value=each,
            lang=_LANG[each],
            class_="quiet",
        )
        for each in LANGUAGES
        if each != say.language
    )
    hidden = tag("input", type="hidden", name="back", value=back)
    return tag("form", hidden, buttons, method="post", action="/language", class_="language")


def head(say: Texts, user: User, path: str, back: str) -> Markup:
    """The bar with the pages that this user has; `path` is where he is."""
    links = join(
        tag(
            "a",
            say(f"{name}.title"),
            href=where,
            aria_current="page" if _under(path, where) else None,
        )
        for where, name, act in _PAGES
        if act is None or user.may(act)
    )
    who = tag(
        "div",
        tag("span", user.name, class_="name"),
        tag("span", say(f"role.{user.role.value}"), class_="soft"),
        class_="who",
    )
    out = tag(
        "form",
        tag("button", say("sign_out"), type="submit", class_="quiet"),
        method="post",
        action="/sign-out",
    )
    return tag(
        "header",
        tag("a", say("skip"), href="#content", class_="skip"),
        tag("p", tag("span", "", class_="seal"), say("product"), class_="product"),
        tag("nav", links, aria_label=say("pages")),
        tag("div", who, language_form(say, back), out, class_="foot"),
        class_="frame",
    )


def not_there_html(say: Texts) -> str:
    """What is said of an address that leads to nothing, or to what is not his."""
    body = tag(
        "main",
        tag(
            "div",
            tag("h1", say("not_there.title")),
            tag("p", say("not_there.text")),
            tag("p", tag("a", say("not_there.back"), href="/")),
            class_="card",
        ),
        class_="sign-in",
    )
    return page_html(say, say("not_there.title"), body)


def _under(path: str, where: str) -> bool:
    return path == where or (where != "/" and path.startswith(f"{where}/"))
