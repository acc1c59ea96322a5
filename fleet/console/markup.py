"""HTML made of parts that are escaped where they are put in, so no text can become markup.

A text that comes from a kiosk, a wallet or a user is a child or an attribute here, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = ["Column", "Markup", "facts", "join", "table", "tag"]

_VOID = frozenset({"input", "br", "img", "hr"})


def tag(element: str, /, *children: object, **attributes: object) -> Markup:
    """An element; `class_` and `for_` lose their mark, `_` in a name becomes `-`.

    An attribute that is None or False is left out, one that is True has no value.
    """
    front = [element]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = key.rstrip("_").replace("_", "-")
        front.append(word if value is True else f'{word}="{escape(value)}"')
    opened = f"<{' '.join(front)}>"
    if element in _VOID:
        return Markup(opened)  # noqa: S704 - its values were escaped above
    inner = "".join(escape(child) for child in children if child is not None)
    return Markup(f"{opened}{inner}</{element}>")  # noqa: S704 - same


def join(parts: Iterable[object]) -> Markup:
    """The parts one behind the other."""
    return Markup("").join(escape(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; `number`: its cells are set flush right in even figures."""

    title: str
    number: bool = False


def table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[object]], empty: str
) -> Markup:
    """A table that a reader of screens can read out; without rows, the sentence `empty`."""
    if not rows:
        return tag("p", empty, class_="empty")
    head = join(
        tag("th", column.title, scope="col", class_="number" if column.number else None)
        for column in columns
    )
    body = join(
        tag(
            "tr",
            *(
                tag(
                    "td",
                    tag("span", what),
                    class_="number" if column.number else None,
                    data_label=column.title,
                )
                for column, what in zip(columns, row, strict=True)
            ),
        )
        for row in rows
    )
    whole = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", head)),
        tag("tbody", body),
    )
    return tag("div", whole, class_="scrolled", tabindex="0", role="region", aria_label=caption)


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names and values, one pair a line."""
    return tag("dl", join(tag("div", tag("dt", a), tag("dd", b)) for a, b in pairs), class_="facts")
