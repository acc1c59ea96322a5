"""What is for sale by the documents in force: the service provider's, or the machine's own files.

checkout      price book + campaigns
restaurant    menu + campaigns          what is on the menu is what is sold
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kiosk.banners import load_banners
from kiosk.campaigns import load_campaigns
from kiosk.config import Config
from kiosk.content import ContentError, load_price_book
from kiosk.domain.banner import Banner
from kiosk.domain.catalogue import PriceBook
from kiosk.domain.label import LabelTemplate
from kiosk.down.documents import CAMPAIGNS, MENU, PRICE_BOOK, Documents
from kiosk.errors import ConfigError
from kiosk.goods import Shelf
from kiosk.menus import load_menu

KINDS = (PRICE_BOOK, MENU, CAMPAIGNS)
_MENDS = {PRICE_BOOK: "price book", MENU: "menu", CAMPAIGNS: "file of campaigns"}

Sent = Mapping[str, Path | None]
"""By kind, the document of the service provider; None or missing: the machine's own file is it."""


class Unreadable(ConfigError):
    """The document or file of this `kind` cannot be sold from."""

    def __init__(self, kind: str, cause: str) -> None:
        super().__init__(cause, f"Mend the {_MENDS[kind]}")
        self.kind = kind


def sold_from(config: Config) -> str:
    """The kind of document in which is what is sold here."""
    return MENU if config.shop.kind == "restaurant" else PRICE_BOOK


def own(config: Config, kind: str) -> Path | None:
    """The machine's own file of a kind."""
    files: dict[str, Path | None] = {
        PRICE_BOOK: config.content.catalogue,
        MENU: config.content.menu,
        CAMPAIGNS: config.content.campaigns,
    }
    return files[kind]


def in_force(config: Config, documents: Documents) -> Sent:
    """What the service provider sent and this kiosk goes by; whoever has none obeys none."""
    if not config.fleet.merchant_id:
        return {}
    return {kind: documents.in_force(kind) for kind in KINDS}


def book_in_force(config: Config) -> Path:
    """Where it is that says what is sold here."""
    kind = sold_from(config)
    sent = in_force(config, Documents(config.paths.state)).get(kind)
    return sent or own(config, kind) or config.content.catalogue


def shelf(config: Config, sent: Sent) -> Shelf:
    """What is for sale by these documents. Raises Unreadable that names file, place and reason."""
    templates = [LabelTemplate(picture) for picture in config.content.weighed_labels]
    kind = CAMPAIGNS
    try:
        campaigns = sent.get(kind) or own(config, kind)
        running = () if campaigns is None else load_campaigns(campaigns)
        kind = sold_from(config)
        if kind == PRICE_BOOK:
            return Shelf(
                load_price_book(sent.get(kind) or config.content.catalogue), templates, running
            )
        pictures = config.content.menu.resolve().parent
        menu = load_menu(sent.get(kind) or config.content.menu, pictures)
        return Shelf(PriceBook(dish.product for dish in menu), templates, running, menu)
    except ContentError as error:
        raise Unreadable(kind, str(error)) from error


def understand(config: Config, kind: str, place: Path) -> None:
    """Read a document that nothing is sold from here, as the shop would. Raises ContentError."""
    match kind:
        case "menu":
            load_menu(place, config.content.menu.resolve().parent)
        case "price_book":
            load_price_book(place)
        case _:
            load_campaigns(place)


def banners_in_force(config: Config) -> tuple[Banner, ...]:
    """What the shop offers whoever has paid. Raises ConfigError that names file and key."""
    path = config.content.banners
    try:
        return () if path is None else load_banners(path)
    except ContentError as error:
        raise ConfigError(str(error), "Mend the file of banners") from error


def shelf_in_force(config: Config, documents: Documents) -> Shelf:
    """What is for sale from the start on. Raises ConfigError for the machine's own files."""
    sent = {kind: place for kind, place in in_force(config, documents).items() if place}
    while True:
        try:
            return shelf(config, sent)
        except Unreadable as error:
            if error.kind not in sent:
                raise
            with suppress(OSError):  # a disk that takes no writes is the ledger's to tell
                documents.drop(error.kind, error.cause)
            del sent[error.kind]
