"""The settings of a kiosk: everything that one TOML file tells it, typed, with its defaults."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kiosk.branding import Brand
from kiosk.config_rules import check
from kiosk.domain.serving import EAT_IN, TAKE_AWAY
from kiosk.settings import Driver, Over, read_settings

Challenge = Literal["off", "doubt", "always"]
Kind = Literal["checkout", "restaurant"]
SAMPLE = Path(__file__).with_name("shops") / "grocery" / "catalogue.csv"
SAMPLE_MENU = Path(__file__).with_name("shops") / "noodles" / "menu.json"


@dataclass(frozen=True, slots=True)
class Shop:
    """Who sells: what slips and screens say; at a "checkout", or in a "restaurant" from a menu."""

    kind: Kind = "checkout"
    name: str = "示例超市"
    name_en: str = "Sample Grocery"
    address: str = ""
    phone: str = ""
    store_id: str = "S1"
    language: str = "zh"
    languages: tuple[str, ...] = ("zh", "en")
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
    """What is for sale; the sample shops of the package, until the operator names his own.

    The menu is a restaurant's instead of the catalogue.
    `campaigns`, `members` and `banners` are files; without them there is nothing of the kind.
    `bags` are the numbers, GTIN or PLU, of the bags that are offered before it is paid.
    """

    catalogue: Path = SAMPLE
    menu: Path = SAMPLE_MENU
    campaigns: Path | None = None
    members: Path | None = None
    banners: Path | None = None
    weighed_labels: tuple[str, ...] = ("21PPPPPWWWWWC", "22PPPPPAAAAAC")
    bags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restaurant:
    """How diners are served: who is asked what, and how long an order is on the board.

    With one of `services` nobody is asked; `tables` 0: what is eaten here is called out as well.
    """

    services: tuple[str, ...] = (EAT_IN, TAKE_AWAY)
    tables: int = 0
    preparing_minutes: float = 60.0
    ready_minutes: float = 10.0


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
    """How long screens wait, in seconds; `sleep`: until nobody there lets them go dark, 0 never.

    A shopper takes out so much (`removal_limit_fen`), so often, without being asked.
    """

    idle: float = 60.0
    idle_answer: float = 20.0
    done: float = 8.0
    trouble: float = 30.0
    sleep: float = 60.0
    removal_limit_fen: int = 10_000
    removals_allowed: int = 5


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff, by PIN or card; a manager closes days and counts cash as well."""

    pin_hash: str = ""
    card_hash: str = ""
    manager: bool = False


@dataclass(frozen=True, slots=True)
class Bagging:
    """The check by `[devices.bagging]`; README tells what each setting is for."""

    check: bool = True
    patience: float = 8.0
    deviations_allowed: int = 3


@dataclass(frozen=True, slots=True)
class Staff:
    """Who may open the staff's screen (nobody without a PIN or card), what he may give back.

    Whoever has the PIN of `pin_hash` is a manager. A `manager_limit_fen` of 0: as all others.
    """

    pin_hash: str = ""
    refund_limit_fen: int = 50_000
    manager_limit_fen: int = 0
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Paper at once, or what the shopper chooses; `default` where he is asked and does not say.

    `url`: where his receipt can be read, with {number} in it; without one a code holds its text.
    """

    ask: bool = False
    default: Literal["paper", "qr", "none"] = "paper"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cash:
    """Whether staff take cash here, and whether there must be a drawer for it."""

    enabled: bool = False
    drawer: bool = True


@dataclass(frozen=True, slots=True)
class Ui:
    """The window. `trace` names a file that says what is on the screen, for a driver outside."""

    width: int = 1080
    height: int = 1920
    fullscreen: bool = True
    scale: float = 1.0
    sound: bool = True
    dark: bool = False
    reduce_motion: bool = False
    trace: Path | None = None


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
class Orders:
    """The window of the board of orders; its colours are the screen's. `trace` as in `Ui`."""

    width: int = 1920
    height: int = 1080
    fullscreen: bool = True
    sound: bool = True
    dark: bool = False
    reduce_motion: bool = False
    trace: Path | None = None


@dataclass(frozen=True, slots=True)
class Users:
    """Which local user may call the core in which role; empty where all run as one user.

    `orders` is needed only where there is a board of orders.
    """

    ui: str = ""
    faces: str = ""
    orders: str = ""


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
    restaurant: Restaurant = field(default_factory=Restaurant)
    visit: Visit = field(default_factory=Visit)
    bagging: Bagging = field(default_factory=Bagging)
    staff: Staff = field(default_factory=Staff)
    cash: Cash = field(default_factory=Cash)
    receipt: Receipt = field(default_factory=Receipt)
    ui: Ui = field(default_factory=Ui)
    brand: Brand = field(default_factory=Brand)
    access: Access = field(default_factory=Access)
    orders: Orders = field(default_factory=Orders)
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
    "bagging": _names(Bagging),
    "staff": _names(Staff),
    "content": frozenset({"weighed_labels", "bags"}),
    "brand": frozenset({"colours", "texts", "slide_seconds"}),
    "cash": frozenset({"enabled"}),
    "restaurant": _names(Restaurant),
    "receipt": _names(Receipt),
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
    check(config, source)
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
