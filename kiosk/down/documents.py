"""What came down to set this kiosk up, on its disk: the newest of each kind, and the one in force.

    down/documents.json      {"config": {"version": 4, "state": "WAITING", "in_force": 3, …}, …}
    down/config-4.toml …     the texts of the two

Version 0 is what the machine has by itself. A state is told to the fleet until it is acknowledged.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from kiosk.disk import write_whole

CONFIG, PRICE_BOOK, MENU, SOFTWARE = "config", "price_book", "menu", "software"
CAMPAIGNS = "campaigns"
ENDINGS = {CONFIG: "toml", PRICE_BOOK: "csv", MENU: "json", CAMPAIGNS: "json", SOFTWARE: "txt"}
SAID = 1_000  # characters that the fleet takes

log = logging.getLogger(__name__)


class State(Enum):
    """What this kiosk makes of the newest version."""

    APPLIED = "APPLIED"
    WAITING = "WAITING"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one kind: the newest version and what became of it, and the version that is in force.

    `starts` counts how often the core was started with a version that is not proven yet.
    """

    version: int = 0
    state: State = State.APPLIED
    said: str = ""
    in_force: int = 0
    starts: int = 0
    told: bool = True

    @property
    def open(self) -> bool:
        """Whether the newest is still to be put in force."""
        return self.state is State.WAITING


class Documents:
    """Written by one thread at a time; read by any."""

    def __init__(self, state: Path) -> None:
        """`state` is the kiosk's own directory."""
        self._folder = state / "down"
        self._file = self._folder / "documents.json"
        self._standing = _read(self._file)

    def of(self, kind: str) -> Standing:
        """How it stands with this kind."""
        return self._standing.get(kind, Standing())

    def seen(self) -> dict[str, int]:
        """The newest version of each kind that came."""
        return {kind: one.version for kind, one in self._standing.items()}

    def text(self, kind: str, version: int) -> Path | None:
        """Where the text of a version is; None for what the machine has by itself."""
        return self._folder / f"{kind}-{version}.{ENDINGS[kind]}" if version else None

    def in_force(self, kind: str) -> Path | None:
        """Where the text is that this kiosk goes by."""
        return self.text(kind, self.of(kind).in_force)

    def summary(self) -> dict[str, Any]:
        """For the health report."""
        return {
            kind: {
                "version": one.version,
                "state": one.state.value,
                "said": one.said,
                "in_force": one.in_force,
            }
            for kind, one in self._standing.items()
        }

    # --- what becomes of a version --------------------------------------------------------------

    def keep(self, kind: str, version: int, text: str) -> None:
        """A new version came; it is on the disk from now on, and in force not yet."""
        place = self.text(kind, version)
        if place is not None:
            write_whole(place, text)
        self._set(kind, Standing(version, State.WAITING, in_force=self.of(kind).in_force))

    def apply(self, kind: str) -> None:
        """The newest version is in force now."""
        one = self.of(kind)
        self._set(kind, Standing(one.version, State.APPLIED, in_force=one.version))

    def wait(self, kind: str, why: str) -> None:
        """It will be in force later."""
        self._set(kind, replace(self.of(kind), state=State.WAITING, said=why, told=False))

    def refuse(self, kind: str, version: int, why: str) -> None:
        """It will not be in force; what is so now stays."""
        log.warning("%s refused version=%d cause=%s", kind, version, why)
        in_force = self.of(kind).in_force
        self._set(kind, Standing(version, State.REFUSED, _sayable(why), in_force))

    def drop(self, kind: str, why: str) -> None:
        """What was in force cannot be any more; the machine's own is from now on."""
        log.warning("%s dropped cause=%s", kind, why)
        self._set(kind, Standing(self.of(kind).version, State.REFUSED, _sayable(why)))

    def count_start(self, kind: str) -> None:
        """The core is about to try the newest version."""
        one = self.of(kind)
        self._set(kind, replace(one, starts=one.starts + 1))

    # --- what the fleet is told -----------------------------------------------------------------

    def news(self) -> list[dict[str, Any]]:
        """The states that it has not acknowledged."""
        return [
            {"kind": kind, "version": one.version, "state": one.state.value, "said": one.said}
            for kind, one in self._standing.items()
            if not one.told
        ]

    def acknowledge(self, news: Sequence[Mapping[str, Any]]) -> None:
        """It has these."""
        known = {**self._standing}
        for each in news:
            one = known[each["kind"]]
            if (one.version, one.state.value) == (each["version"], each["state"]):
                known[each["kind"]] = replace(one, told=True)
        if known != self._standing:
            self._write(known)

    def _set(self, kind: str, standing: Standing) -> None:
        self._write({**self._standing, kind: replace(standing, told=False)})
        log.info(
            "%s %s version=%d in_force=%d",
            kind,
            standing.state.value,
            standing.version,
            standing.in_force,
        )
        if kind in ENDINGS:  # any other is a word from afar, and no name of a file
            kept = {self.text(kind, standing.version), self.text(kind, standing.in_force)}
            for old in {*self._folder.glob(f"{kind}-*.{ENDINGS[kind]}")} - kept:
                old.unlink()

    def _write(self, standing: dict[str, Standing]) -> None:
        table = {kind: {**asdict(one), "state": one.state.value} for kind, one in standing.items()}
        write_whole(self._file, json.dumps(table, ensure_ascii=False))
        self._standing = standing


def _sayable(why: str) -> str:
    return why.replace("\0", "")[:SAID]


def _read(file: Path) -> dict[str, Standing]:
    """Nothing where the file is not there or is damaged: then the fleet sends all again."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Standing])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        log.warning("documents forgotten cause=%s", error)
        return {}
