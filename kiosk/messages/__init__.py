"""What the three processes say to each other: frozen dataclasses with a JSON form.

    ui ──► core    commands: what the person did
                   and, behind a PIN, what the staff do
    core ──► ui    `Showing`: all that the screen needs, whole, at every change (so that a ui which
                   comes up in the middle of a visit shows the right thing at once); `Guiding`,
                   `LiveWeight`, `NavKey` and `Hinting` for what is over in a moment; `GoodsFound`
                   when it is asked for; `Branded` when a ui comes up
    core ──► faces `OpenCamera`, `StartCapture`, `StopCapture`
    faces ──► core `Guiding`, `Captured`, `CaptureEnded`, `CameraState`

Texts travel as keys with arguments: each screen says them in the visit's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec

from kiosk.messages.access import AccessCommand, Aids, NavKey
from kiosk.messages.brand import Branded
from kiosk.messages.faces import (
    CameraState as CameraState,
)
from kiosk.messages.faces import (
    Captured as Captured,
)
from kiosk.messages.faces import (
    CaptureEnded as CaptureEnded,
)
from kiosk.messages.faces import (
    FacesCommand,
)
from kiosk.messages.faces import (
    FacesMessage as FacesMessage,
)
from kiosk.messages.faces import (
    Guiding as Guiding,
)
from kiosk.messages.faces import (
    OpenCamera as OpenCamera,
)
from kiosk.messages.faces import (
    StartCapture as StartCapture,
)
from kiosk.messages.faces import (
    StopCapture as StopCapture,
)
from kiosk.messages.goods import BaggingShown, GoodsCommand, GoodsFound, GoodsShown, LiveWeight
from kiosk.messages.menu import MenuCommand, MenuShown, OrdersShown, SoldOut
from kiosk.messages.staff import StaffCommand, StaffShowing

LIMIT = 256 * 1024  # bytes of one message; a longer one is refused unread


class Screen(Enum):
    """The screens of a visit, and the staff's."""

    ATTRACT = "ATTRACT"
    BASKET = "BASKET"
    PICK = "PICK"
    HELD = "HELD"
    SERVICE = "SERVICE"
    TABLE = "TABLE"
    MENU = "MENU"
    TENDER = "TENDER"
    PART = "PART"
    NOTICE = "NOTICE"
    FACE = "FACE"
    CODE = "CODE"
    QR = "QR"
    CARD = "CARD"
    CASH = "CASH"
    WAITING = "WAITING"
    DONE = "DONE"
    TROUBLE = "TROUBLE"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    STAFF = "STAFF"


class Role(Enum):
    """Which process is calling."""

    UI = "UI"
    FACES = "FACES"
    ORDERS = "ORDERS"


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message on every connection."""

    role: Role
    version: str


# --- commands: ui to core ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """The shopper touched the attract screen."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The shopper chose one of the shop's languages for this visit."""

    language: str


@dataclass(frozen=True, slots=True)
class SetMember:
    """The shopper typed the number by which the shop knows him as a member."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """Change a counted line; 0 removes it."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveLine:
    """Take a line out of the basket."""

    line_id: int


@dataclass(frozen=True, slots=True)
class Pay:
    """From the basket to the choice of a tender."""


@dataclass(frozen=True, slots=True)
class ChooseTender:
    """One of the names in `Showing.tenders`."""

    tender: str


@dataclass(frozen=True, slots=True)
class Split:
    """From the choice of a tender to the screen that asks how much is paid next."""


@dataclass(frozen=True, slots=True)
class PayPart:
    """The next payment takes only this much, in fen; the rest is paid after it."""

    fen: int


@dataclass(frozen=True, slots=True)
class Consent:
    """The notice with this version was accepted for this one payment."""

    notice_version: str


@dataclass(frozen=True, slots=True)
class ChooseReceipt:
    """One of the names in `Showing.receipts`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Back:
    """One step back; "pay another way" on the face screen; refused while an outcome is unknown."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The shopper gives up the visit (the basket is cleared) or is finished at the end.

    What he has paid in parts goes back.
    """


@dataclass(frozen=True, slots=True)
class StillThere:
    """The shopper answered "are you still there?"."""


@dataclass(frozen=True, slots=True)
class CallAttendant:
    """The shopper wants help; from every screen."""


# --- core to ui --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence by its key in the catalogue, with what it names."""

    key: str
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineShown:
    """A basket line; `quantity_text` is "3" or "1.234 kg"; amounts are fen.

    `discount` names the campaigns that the line earned, `discount_fen` what they take off it. A
    `gift` costs nothing, and may only be taken out. `held` says what staff are needed
    for; None where nobody is.
    `gift` costs nothing, and may only be taken out. `dish` is the code of a dish of the menu, and
    `options` names what was chosen with it, by language.
    """

    line_id: int
    names: Mapping[str, str]
    quantity: int
    quantity_text: str
    unit_fen: int
    total_fen: int
    counted: bool
    discount: Text | None = None
    discount_fen: int = 0
    gift: bool = False
    held: Text | None = None
    dish: str = ""
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PaidPart:
    """A part of the basket that is paid: by which tender, and how much in fen."""

    tender: str
    fen: int


@dataclass(frozen=True, slots=True)
class BannerShown:
    """What the shop offers: a sentence, the path of a picture, what its coupon says."""

    names: Mapping[str, str]
    picture: str = ""
    coupon: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """All that the screen needs, whole. Amounts are fen.

    `due_fen` is what is not paid yet; `asked_fen` is what the next payment takes of it, the whole
    unless the shopper pays in parts; `paid` are the parts that he has paid, oldest first, and
    `may_split` whether he may pay another one. `tenders` names the ways to pay that work now, face
    first. `qr` is what the QR on the screen says ("": not there yet). `seconds_left` counts down
    where a screen ends by itself (None: it does not). `reference` is the number that staff scan.
    `bags` are offered before it is paid; `bagging` is said of the bagging area. `asks_member`: the
    number of a member may be typed; `member` says that one is known.
    `awake`: somebody is there, or nothing tells; else the screen is dark.
    `may_pick`: there are goods without a bar code. `scale`: goods can be weighed now; `weighing`
    are those that are just being weighed. `may_order`: there is a menu; `service`: how the diner
    eats, "" where nobody is asked; `table` is the number of his table. `aids`: how the screen is
    to be for him; `headphones`: what is spoken is heard by him alone. `receipts` names what may be
    chosen for a receipt now; when that is "qr", `qr` is what the code says. `banner` is what the
    shop offers whoever has paid.
    """

    screen: Screen
    visit_id: str = ""
    language: str = "zh"
    test: bool = False
    lines: tuple[LineShown, ...] = ()
    count: int = 0
    total_fen: int = 0
    saved_fen: int = 0
    due_fen: int = 0
    asked_fen: int = 0
    paid: tuple[PaidPart, ...] = ()
    may_split: bool = False
    tenders: tuple[str, ...] = ()
    qr: str = ""
    said: Text | None = None
    detail: Text | None = None
    may_go_back: bool = True
    seconds_left: float | None = None
    still_there: bool = False
    reference: str = ""
    notice_version: str = ""
    slip: str = ""  # "", "asked", "printing", "taken", "failed", "shown", "none"
    shop: Mapping[str, str] = field(default_factory=dict)
    bags: tuple[GoodsShown, ...] = ()
    bagging: BaggingShown | None = None
    asks_member: bool = False
    member: Text | None = None
    attendant_called: bool = False
    attendant_coming: bool = False
    awake: bool = True
    may_pick: bool = False
    scale: bool = False
    weighing: GoodsShown | None = None
    may_order: bool = False
    service: str = ""
    table: str = ""
    receipts: tuple[str, ...] = ()
    banner: BannerShown | None = None
    staff: StaffShowing | None = None
    aids: Aids = field(default_factory=Aids)
    headphones: bool = False


@dataclass(frozen=True, slots=True)
class Hinting:
    """A short remark over the screen, with the sound "tick", "error" or "paid" ("" for none)."""

    said: Text | None
    sound: str = ""


Command = (
    Start | SetLanguage | SetMember | SetQuantity | RemoveLine | Pay | ChooseTender | Split
    | PayPart | Consent | ChooseReceipt | Back | Leave | StillThere | CallAttendant | GoodsCommand
    | MenuCommand | StaffCommand | AccessCommand
)  # fmt: skip
Message = (
    Hello | Command | Showing | Hinting | GoodsFound | LiveWeight | MenuShown | SoldOut
    | OrdersShown | FacesCommand | FacesMessage | NavKey | Branded
)  # fmt: skip

_BY_NAME: Mapping[str, type[Any]] = {kind.__name__: kind for kind in Message.__args__}
# What the library learns of a class when it first reads one, it must not learn on two threads at
# once: the process would die. So it learns all of them here.
for _kind in _BY_NAME.values():
    msgspec.json.Decoder(_kind)


def encode(message: Message) -> bytes:
    """One line of JSON: the message's name under `type`, its fields beside it."""
    body = msgspec.to_builtins(message)
    return msgspec.json.encode({"type": type(message).__name__, **body}) + b"\n"


def decode(line: bytes) -> Message:
    """The message that `encode` wrote; raises ValueError for anything else."""
    if len(line) > LIMIT:
        raise ValueError(f"a message of {len(line)} bytes is over the limit of {LIMIT}")
    try:
        body = msgspec.json.decode(line, type=dict[str, Any])
        kind = _BY_NAME[body.pop("type")]
        message: Message = msgspec.convert(body, type=kind)
    except (msgspec.MsgspecError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not a message: {line[:80]!r}") from error
    return message
