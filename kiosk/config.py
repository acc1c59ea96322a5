"""The settings of a kiosk: everything that one TOML file tells it, typed, with its defaults."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kiosk.domain.catalogue import is_station
from kiosk.domain.label import LabelTemplate
from kiosk.pin import PinHash
from kiosk.settings import Driver, Over, Source, read_settings

DEVICE_KINDS = (
    "scanner", "printer", "drawer", "dispenser", "scale",
    "lights", "presence", "door", "help_button", "headphones", "navigator",
)  # fmt: skip
MOST_SCANNERS = 4
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
    """What is for sale; the sample shop of the package, until the operator names his own.

    `campaigns` and `members` are files; without them there is nobody and nothing of the kind.
    """

    catalogue: Path = SAMPLE
    campaigns: Path | None = None
    members: Path | None = None
    weighed_labels: tuple[str, ...] = ("21PPPPPWWWWWC", "22PPPPPAAAAAC")


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
    """How long screens wait, in seconds; `sleep`: until nobody there lets them go dark, 0 never."""

    idle: float = 60.0
    idle_answer: float = 20.0
    done: float = 8.0
    trouble: float = 30.0
    sleep: float = 60.0


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
class Access:
    """For people who do not see the screen, or need longer.

    `program` speaks as espeak-ng does, at `rate` words a minute and `volume` per cent; `device` is
    where to ("": the default one). Screens wait `patience` times as long for who listens. The keys
    of a keyboard that are a navigator's, by the toolkit's names.
    """

    program: str = "espeak-ng"
    device: str = ""
    rate: int = 160
    volume: int = 100
    patience: float = 3.0
    previous: tuple[str, ...] = ("left", "up")
    next: tuple[str, ...] = ("right", "down")
    select: tuple[str, ...] = ("enter", "numpadenter")
    help: tuple[str, ...] = ("f1",)


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
    access: Access = field(default_factory=Access)
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
    config, source = read_settings(path, Config, None if afar is None else Over(afar, FROM_AFAR))
    _check(config, source)
    return _joined(config)


def merchant_path(config: Config) -> Path:
    """Where it is kept whose terminal this device became."""
    return config.paths.state / "fleet.merchant"


def _joined(config: Config) -> Config:
    """With the merchant that it joined, where the settings name none."""
    if config.fleet.url and not config.fleet.merchant_id:
        try:
            merchant_id = merchant_path(config).read_text("utf-8").strip()
        except (OSError, ValueError):
            return config  # it has not joined, or this process is none that needs to know
        fleet = dataclasses.replace(config.fleet, merchant_id=merchant_id)
        return dataclasses.replace(config, fleet=fleet)
    return config


def device_kind(name: str) -> str:
    """The kind of a device by its table: `scanner2` to `scanner4` are further scanners."""
    further = {f"scanner{n}" for n in range(2, MOST_SCANNERS + 1)}
    return "scanner" if name in further else name


def _check(config: Config, source: Source) -> None:
    _check_access(config.access, source)
    if not re.fullmatch(r"[0-9]{4,8}", config.terminal_id):
        raise source.mistake(("terminal_id",), "must be 4 to 8 digits")
    if config.shop.language not in ("zh", "en"):
        raise source.mistake(("shop", "language"), 'must be "zh" or "en"')
    for name in config.stations:
        if not is_station(name) or device_kind(name) in DEVICE_KINDS:
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


def _check_access(access: Access, source: Source) -> None:
    for name, least, most in (("rate", 80, 450), ("volume", 0, 200), ("patience", 1, 20)):
        if not least <= getattr(access, name) <= most:
            raise source.mistake(("access", name), f"must be {least} to {most}")
