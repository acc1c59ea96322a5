"""What is done with a document that came: understood by the real reader, or refused in its words.

config       in force after the core has started with it, between two visits (`afar.py`)
price_book   in force from the next visit on; where nothing is sold from it, as soon as it is read
menu         the same
campaigns    the same
software     told to the updater by `software-wanted`, in force when that version runs
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from kiosk import __version__
from kiosk.config import Config, load
from kiosk.disk import write_whole
from kiosk.down.book import KINDS, in_force, shelf, sold_from, understand
from kiosk.down.documents import CAMPAIGNS, CONFIG, ENDINGS, SOFTWARE, Documents
from kiosk.errors import ConfigError
from kiosk.goods import Shelf

WANTED = "software-wanted"
UNTIL_IDLE = "until nobody is served"

Restock = Callable[[Shelf, Callable[[], object]], object]
"""Sell from this shelf from the next visit on, and say when that is so; on any thread."""

log = logging.getLogger(__name__)


class Papers:
    """Used by one thread; `config` is what this process runs with, `settings` the local file."""

    def __init__(
        self, settings: Path, config: Config, documents: Documents, restock: Restock
    ) -> None:
        self._settings, self._config = settings, config
        self._documents, self._restock = documents, restock
        self._stocked: dict[str, int] = {}

    @property
    def trying(self) -> bool:
        """Whether this process runs with settings that have not proven themselves yet."""
        one = self._documents.of(CONFIG)
        return one.open and one.starts > 0

    @property
    def wants_start(self) -> bool:
        """Whether settings wait for the core to be started with them."""
        one = self._documents.of(CONFIG)
        return one.open and one.starts == 0

    @property
    def waits(self) -> bool:
        """Whether something waits for nobody to be served."""
        return self.wants_start or any(self._documents.of(kind).open for kind in KINDS)

    def proven(self) -> None:
        """The core has stayed up with the settings that it tried."""
        self._documents.apply(CONFIG)

    def take(self, kind: str, version: int, text: str) -> None:
        """A document came, "" with version 0: nothing is desired any more."""
        if kind not in ENDINGS:
            self._documents.refuse(kind, version, f"version {__version__} knows no such documents")
            return
        self._documents.keep(kind, version, text)
        self._put_in_force(kind)

    def resume(self) -> None:
        """After a start: go on with what waits, and look which software runs now."""
        for kind in (CONFIG, *KINDS):
            if self._documents.of(kind).open and not (kind == CONFIG and self.trying):
                self._put_in_force(kind)
        if self._documents.of(SOFTWARE).version:
            self._put_in_force(SOFTWARE)

    def look(self) -> None:
        """Note what became of what waited."""
        for kind in KINDS:
            one = self._documents.of(kind)
            if one.open and self._stocked.get(kind) == one.version:
                self._documents.apply(kind)

    # --- by kind --------------------------------------------------------------------------------

    def _put_in_force(self, kind: str) -> None:
        documents = self._documents
        version = documents.of(kind).version
        place = documents.text(kind, version)
        try:
            match kind:
                case "config":
                    self._set_up(place)
                case "software":
                    self._want(place)
                case _:
                    self._stock(kind, place)
        except (ConfigError, OSError, ValueError, RecursionError) as error:
            documents.refuse(kind, version, str(error))

    def _set_up(self, place: Path | None) -> None:
        if load(self._settings, place) == self._config:
            self._documents.apply(CONFIG)
        else:
            self._documents.wait(CONFIG, UNTIL_IDLE)

    def _stock(self, kind: str, place: Path | None) -> None:
        if kind not in (sold_from(self._config), CAMPAIGNS):
            if place is not None:
                understand(self._config, kind, place)
            self._documents.apply(kind)
            return
        open_now = {each for each in KINDS if self._documents.of(each).open}
        versions = {each: self._documents.of(each).version for each in open_now}
        newest = {each: self._documents.text(each, versions[each]) for each in open_now}
        stock = shelf(self._config, {**in_force(self._config, self._documents), **newest})

        def stocked() -> None:
            self._stocked = {**self._stocked, **versions}

        self._documents.wait(kind, UNTIL_IDLE)
        self._restock(stock, stocked)

    def _want(self, place: Path | None) -> None:
        wanted = self._config.paths.state / WANTED
        if place is None:
            wanted.unlink(missing_ok=True)
            self._documents.apply(SOFTWARE)
            return
        version = place.read_text("utf-8").strip()
        write_whole(wanted, f"{version}\n")
        if version == __version__:
            self._documents.apply(SOFTWARE)
        else:
            self._documents.wait(SOFTWARE, f"version {__version__} runs")
