"""The price book that is in force: the service provider's, or the file that the settings name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from kiosk.banners import load_banners
from kiosk.campaigns import load_campaigns
from kiosk.config import Config
from kiosk.content import ContentError, load_price_book
from kiosk.domain.banner import Banner
from kiosk.domain.label import LabelTemplate
from kiosk.down.documents import PRICE_BOOK, Documents
from kiosk.errors import ConfigError
from kiosk.goods import Shelf


def book_in_force(config: Config) -> Path:
    """Where it is."""
    sent = Documents(config.paths.state).in_force(PRICE_BOOK) if config.fleet.merchant_id else None
    return sent or config.content.catalogue


def shelf(config: Config, book: Path) -> Shelf:
    """What is for sale by this book. Raises ConfigError that names file, line and column."""
    templates = [LabelTemplate(picture) for picture in config.content.weighed_labels]
    campaigns = config.content.campaigns
    try:
        running = () if campaigns is None else load_campaigns(campaigns)
    except ContentError as error:
        raise ConfigError(str(error), "Mend the file of campaigns") from error
    try:
        return Shelf(load_price_book(book), templates, running)
    except ContentError as error:
        raise ConfigError(str(error), "Mend the price book") from error


def banners_in_force(config: Config) -> tuple[Banner, ...]:
    """What the shop offers whoever has paid. Raises ConfigError that names file and key."""
    path = config.content.banners
    try:
        return () if path is None else load_banners(path)
    except ContentError as error:
        raise ConfigError(str(error), "Mend the file of banners") from error


def shelf_in_force(config: Config, documents: Documents) -> Shelf:
    """What is for sale from the start on. Raises ConfigError for the machine's own book."""
    book = book_in_force(config)
    if book != config.content.catalogue:
        try:
            return shelf(config, book)
        except ConfigError as error:
            with suppress(OSError):  # a disk that takes no writes is the ledger's to tell
                documents.drop(PRICE_BOOK, error.cause)
    return shelf(config, config.content.catalogue)
