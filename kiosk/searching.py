"""The index of a price book, made beside the checkout's thread the first time it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from kiosk.domain.catalogue import PriceBook
from kiosk.domain.search import Readings, Search
from kiosk.timer import Work


class Searching:
    """Makes indexes on a thread of the timer; the answer comes on the core's own loop."""

    def __init__(
        self,
        put: Callable[[str, Work], object],
        call: Callable[[Callable[[], object]], object],
    ) -> None:
        self._put, self._call = put, call

    def begin(self, book: PriceBook, hear: Callable[[Search], object]) -> None:
        """Have this book indexed; `hear` is called with the index."""

        def work(_now: float) -> None:
            search = index(book)
            self._call(lambda: hear(search))

        self._put("search", work)


def index(book: PriceBook) -> Search:
    """The search over a price book; takes about a second for 10,000 products."""
    return Search(list(book), pinyin())


def pinyin() -> Readings:
    """How Chinese characters are said, each by itself: "行" is "xing", "hang" and "heng"."""
    # Without its phrases the library is there in a tenth of the time and of the memory.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import Style, pinyin

    @cache
    def readings(character: str) -> tuple[str, ...]:
        if len(character) != 1 or character.isascii():
            return ()
        found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
        said = [each for each in found[0] if each.isascii()] if found else []
        # "lü" is typed as "lv", and by some as "lu".
        return tuple(dict.fromkeys([*said, *(each.replace("v", "u") for each in said)]))

    return readings
