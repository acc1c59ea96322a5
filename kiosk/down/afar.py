"""Settings from afar over the machine's own, in force from one start of the core to the next.

    not understood ─► REFUSED
    understood ─► WAITING ─ idle: the core ends ─► started with it ─┬─ stays up ────► APPLIED
                                                                    └─ ends 3 times ─► REFUSED

Whatever happens, the core starts with something: the last good ones, or the machine's own alone.
"""

from __future__ import annotations

import logging
from pathlib import Path

from kiosk.config import Config, load
from kiosk.down.documents import CONFIG, Documents
from kiosk.errors import ConfigError

STARTS = 3

log = logging.getLogger(__name__)


def settings_in_force(path: Path) -> Config:
    """What the core goes by when it starts next. Raises ConfigError for the machine's own file."""
    local = load(path)
    if not local.fleet.merchant_id:
        return local
    try:
        return load(path, Documents(local.paths.state).in_force(CONFIG))
    except ConfigError:
        return local


def begin(path: Path) -> Config:
    """The settings for a core that starts now: new ones are tried, but not for ever.

    Raises ConfigError for the machine's own file.
    """
    local = load(path)
    if not local.fleet.merchant_id:
        return local  # whoever has no service provider obeys none
    documents = Documents(local.paths.state)
    try:
        return _tried(path, local, documents)
    except OSError as error:  # a disk that takes no writes is the ledger's to tell
        log.warning("nothing new is tried cause=%s", error)
        return settings_in_force(path)


def _tried(path: Path, local: Config, documents: Documents) -> Config:
    one = documents.of(CONFIG)
    if one.open and one.starts >= STARTS:
        documents.refuse(CONFIG, one.version, f"the core did not stay up with it, {STARTS} times")
    elif one.open:
        documents.count_start(CONFIG)
        try:
            return load(path, documents.text(CONFIG, one.version))
        except ConfigError as error:
            documents.refuse(CONFIG, one.version, str(error))
    try:
        return load(path, documents.in_force(CONFIG))
    except ConfigError as error:
        documents.drop(CONFIG, str(error))
        return local
