"""Typed settings from one TOML file.

A key that nobody reads is a mistake somebody will look for at night: it is refused with file, line
and key. What a driver takes stands in its own table beside `driver` and is checked by the driver.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from kiosk.domain.catalogue import is_station
from kiosk.domain.label import LabelTemplate
from kiosk.errors import ConfigError
from kiosk.pin import PinHash

DEVICE_KINDS = ("scanner", "printer", "drawer", "dispenser")
Challenge = Literal["off", "doubt", "always"]
SAMPLE = Path(__file__).with_name("shops") / "grocery" / "catalogue.csv"


@dataclass(frozen=True, slots=True)
class Shop:
    """Who sells: what slips and screens say."""

    name: str = "示例超市"
    name_en: str = "Sample Grocery"
    address: str = ""
    phone: str = ""
    store_id: str = "S1"
    language: str = "zh"
    attendant: str = ""


@dataclass(frozen=True, slots=True)
class Paths:
    """`state` is kept (the ledger); `run` is on a memory file system (socket, preview)."""

    state: Path = Path("/var/lib/kiosk")
    run: Path = Path("/run/kiosk")
    cache: Path = Path("/var/cache/kiosk")

    @property
    def socket(self) -> Path:
        """Where the core listens."""
        return self.run / "core.sock"


@dataclass(frozen=True, slots=True)
class Content:
    """What is for sale; the sample shop of the package, until the operator names his own."""

    catalogue: Path = SAMPLE
    weighed_labels: tuple[str, ...] = ("21PPPPPWWWWWC", "22PPPPPAAAAAC")


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver's name and its own options, from a table `[… ] driver = "name"`."""

    driver: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces process. `passive_only` is for demonstrations: pictures pass no challenge.

    `challenge` asks shoppers to move: "off", in "doubt", or "always".
    """

    camera: Driver | None = None
    preview: Path | None = None
    wallet_key: Path | None = None
    wallet_url: str = ""
    weights: Path | None = None
    passive_only: bool = False
    challenge: Challenge = "doubt"
    threads: int = 1
    seconds: float = 20.0
    attacks_allowed: int = 2
    tries_allowed: int = 5
    lockout_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Visit:
    """How long screens wait, in seconds."""

    idle: float = 60.0
    idle_answer: float = 20.0
    done: float = 8.0
    trouble: float = 30.0


@dataclass(frozen=True, slots=True)
class Staff:
    """Who may open the staff's screen (nobody without a PIN), what he may give back."""

    pin_hash: str = ""
    refund_limit_fen: int = 50_000


@dataclass(frozen=True, slots=True)
class Ui:
    """The window. `trace` names a file that says what is on the screen, for a driver outside."""

    width: int = 1080
    height: int = 1920
    fullscreen: bool = True
    sound: bool = True
    dark: bool = False
    reduce_motion: bool = False
    picture: Path | None = None
    trace: Path | None = None
    theme: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Users:
    """Which local user may call the core in which role; empty where all run as one user."""

    ui: str = ""
    faces: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The service provider, if there is one: where, and as which merchant's device."""

    url: str = ""
    merchant_id: str = ""
    serial: str = ""
    key: Path | None = None
    trust: Path | None = None
    reboot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a kiosk is told."""

    terminal_id: str
    shop: Shop = field(default_factory=Shop)
    paths: Paths = field(default_factory=Paths)
    content: Content = field(default_factory=Content)
    visit: Visit = field(default_factory=Visit)
    staff: Staff = field(default_factory=Staff)
    ui: Ui = field(default_factory=Ui)
    users: Users = field(default_factory=Users)
    faces: Faces = field(default_factory=Faces)
    fleet: Fleet = field(default_factory=Fleet)
    channels: Mapping[str, Driver] = field(default_factory=dict)
    devices: Mapping[str, Driver] = field(default_factory=dict)
    stations: Mapping[str, Driver] = field(default_factory=dict)
    trace: Path | None = None

    @property
    def preview(self) -> Path:
        """Where the live picture passes from faces to ui."""
        return self.faces.preview or self.paths.run / "preview"


def _names(kind: type) -> frozenset[str]:
    return frozenset(one.name for one in dataclasses.fields(kind))


FROM_AFAR: Mapping[str, frozenset[str]] = {
    "shop": _names(Shop),
    "visit": _names(Visit),
    "staff": _names(Staff),
    "content": frozenset({"weighed_labels"}),
    "faces": frozenset({"attacks_allowed", "tries_allowed", "lockout_seconds"}),
}
"""What a service provider may set, by table: nothing that says who is paid or by whom (channels,
fleet, terminal_id), what this machine has (devices, paths, users), or what another process reads.
"""


def load(path: Path, afar: Path | None = None) -> Config:
    """The settings in `path`, with those in `afar` over them, key by key.

    `afar` may set what FROM_AFAR names. Raises ConfigError that names file, line and key.
    """
    source = _read(path)
    if afar is not None:
        source = replace(source, over=_read(afar))
    shaped = _shape(source.whole(), Config, (), source)
    try:
        config: Config = msgspec.convert(
            shaped, Config, strict=True, dec_hook=lambda kind, value: kind(value)
        )
    except msgspec.ValidationError as error:
        raise source.mistake(_key_of(str(error)), str(error).partition(" - ")[0]) from error
    _check(config, source)
    return config


def _read(path: Path) -> _Source:
    try:
        text = path.read_text("utf-8")
        return _Source(path, text.splitlines(), tomllib.loads(text))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", "Check --config") from error
    except (ValueError, RecursionError) as error:
        # ValueError: no TOML, no UTF-8, a number of thousands of digits
        raise ConfigError(f"{path}: {error}", "Mend the file's syntax") from error


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    lines: list[str]
    table: Mapping[str, Any]
    over: _Source | None = None

    def whole(self) -> dict[str, Any]:
        """Both tables as one. Raises ConfigError for what may not come from afar."""
        whole = dict(self.table)
        for name, given in (self.over.table if self.over else {}).items():
            known = FROM_AFAR.get(name)
            if known is None:
                raise self._not_from_afar((name,))
            for key in _table(given, (name,), self):
                if key not in known:
                    raise self._not_from_afar((name, key))
            whole[name] = {**_table(whole.get(name, {}), (name,), self), **given}
        return whole

    def _not_from_afar(self, key: tuple[str, ...]) -> ConfigError:
        names = FROM_AFAR.get(key[0], FROM_AFAR)
        return self.mistake(
            key, "does not come from afar", f"What does: {', '.join(sorted(names))}"
        )

    def mistake(self, key: tuple[str, ...], what: str, mend: str = "") -> ConfigError:
        if self.over is not None and self.over.sets(key):
            return self.over.mistake(key, what, mend)
        place = f"{self.path}:{self._line(key)}" if key else str(self.path)
        return ConfigError(f"{place}: {'.'.join(key) or 'the file'}: {what}", mend)

    def sets(self, key: tuple[str, ...]) -> bool:
        table: Any = self.table
        for word in key:
            if not isinstance(table, Mapping) or word not in table:
                return False
            table = table[word]
        return bool(key)

    def _line(self, key: tuple[str, ...]) -> int:
        """The line that sets `key`, counted from 1: its last word below its table's head."""
        table: tuple[str, ...] = ()
        for number, line in enumerate(self.lines, 1):
            head = re.match(r"\s*\[\[?([^\]]+)\]", line)
            if head:
                table = tuple(word.strip().strip('"') for word in head[1].split("."))
                if table == key:
                    return number
            elif set_here := re.match(r"\s*([\w.\"-]+)\s*=", line):
                words = tuple(set_here[1].replace('"', "").split("."))
                if (*table, *words) == key[: len(table) + len(words)]:
                    return number
        return 1


def _shape(
    table: Mapping[str, Any], kind: type, at: tuple[str, ...], source: _Source
) -> dict[str, Any]:
    """The table with driver tables folded into Driver, after refusing keys that nobody reads."""
    if kind is Driver:
        if "driver" not in table:
            raise source.mistake(at, "names no driver", 'Add driver = "…"')
        rest = {key: value for key, value in table.items() if key != "driver"}
        return {"driver": table["driver"], "options": rest}
    hints = typing.get_type_hints(kind)
    known = {one.name for one in dataclasses.fields(kind)}
    shaped: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            names = ", ".join(sorted(known))
            raise source.mistake((*at, key), "is not a setting", f"Known here: {names}")
        shaped[key] = _shape_value(value, hints[key], (*at, key), source)
    return shaped


def _shape_value(value: Any, hint: Any, at: tuple[str, ...], source: _Source) -> Any:
    if not isinstance(value, Mapping):
        return value
    if typing.get_origin(hint) is types.UnionType:
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _shape(value, hint, at, source)
    arguments = typing.get_args(hint)
    if arguments and arguments[-1] is Driver:
        return {
            name: _shape(_table(one, (*at, name), source), Driver, (*at, name), source)
            for name, one in value.items()
        }
    return dict(value)


def _table(value: Any, at: tuple[str, ...], source: _Source) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise source.mistake(at, "is not a table")
    return value


def _key_of(message: str) -> tuple[str, ...]:
    found = re.search(r"\$\.([\w.]+)", message)
    return tuple(found[1].split(".")) if found else ()


def _check(config: Config, source: _Source) -> None:
    if not re.fullmatch(r"[0-9]{4,8}", config.terminal_id):
        raise source.mistake(("terminal_id",), "must be 4 to 8 digits")
    if config.shop.language not in ("zh", "en"):
        raise source.mistake(("shop", "language"), 'must be "zh" or "en"')
    for name in config.stations:
        if not is_station(name) or name in DEVICE_KINDS:
            mend = f"A name like kitchen; {', '.join(DEVICE_KINDS)} are devices"
            raise source.mistake(("stations", name), "cannot be the name of a station", mend)
    try:
        [LabelTemplate(picture) for picture in config.content.weighed_labels]
    except ValueError as error:
        raise source.mistake(("content", "weighed_labels"), str(error)) from error
    if config.staff.refund_limit_fen < 0:
        raise source.mistake(("staff", "refund_limit_fen"), "must not be below 0")
    if config.staff.pin_hash:
        try:
            PinHash.parse(config.staff.pin_hash)
        except ValueError as error:
            raise source.mistake(("staff", "pin_hash"), str(error)) from error


def read_credential(name: str) -> str:
    """A secret that systemd handed to this unit (LoadCredential=), or a file's own path.

    Raises ConfigError when it is not there. Secrets are never in the settings file.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(name) if "/" in name else Path(directory or "/nonexistent") / name
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"the credential {name} cannot be read: {error.strerror}",
            "Give it with LoadCredential= in the core's unit, or as an absolute path",
        ) from error
