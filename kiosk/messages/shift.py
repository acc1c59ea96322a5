"""The words of the staff's screen for the shift: the visit underneath, parked baskets, X and Z.

    ui ──► core    `VoidVisit` `ParkVisit` `CloseDay` `CountCash` … (`ShiftCommand`)
    core ──► ui    `VisitShown`, `ParkedRow`, `ReportShown`, `DrawerShown`, inside `StaffShowing`

None of them moves money but `MoveCash`, and a voided visit that was paid in parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# --- ui to core --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VoidVisit:
    """Clear the basket underneath, where it is still that of this visit; parts go back."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class ParkVisit:
    """Put the basket underneath aside, where it is still that of this visit."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class ResumeParked:
    """Go on with a basket that was put aside."""

    number: str


@dataclass(frozen=True, slots=True)
class DropParked:
    """Its shopper will not come back: clear a basket that was put aside."""

    number: str


@dataclass(frozen=True, slots=True)
class CloseTill:
    """Let no visit begin, for one of the reasons of `kiosk.standstill`."""

    why: str


@dataclass(frozen=True, slots=True)
class OpenTill:
    """Let visits begin again."""


@dataclass(frozen=True, slots=True)
class PrintReport:
    """Print the report that is shown."""


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Make the Z of this number. A repeat that comes late has an old number, and is refused."""

    number: int


@dataclass(frozen=True, slots=True)
class ShowLastDay:
    """Show the newest Z again."""


@dataclass(frozen=True, slots=True)
class MoveCash:
    """Put so much into the drawer ("float", "pay_in") or take it out ("pay_out")."""

    why: str
    fen: int


@dataclass(frozen=True, slots=True)
class CountCash:
    """So many pieces lie in the drawer, by the fen of their kind; the difference is booked."""

    pieces: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OpenDrawer:
    """Open the drawer where nothing is sold, for one of the reasons of `kiosk.domain.drawer`."""

    why: str


@dataclass(frozen=True, slots=True)
class TryPart:
    """Try a device: what it can do while the kiosk runs."""

    name: str


ShiftCommand = (
    VoidVisit | ParkVisit | ResumeParked | DropParked | CloseTill | OpenTill | PrintReport
    | CloseDay | ShowLastDay | MoveCash | CountCash | OpenDrawer | TryPart
)  # fmt: skip


# --- core to ui --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VisitShown:
    """What goes on underneath; `screen` is the shopper's. Amounts are fen.

    `may` names what can be done with it now: "void", "park".
    """

    visit_id: str
    screen: str
    count: int
    total_fen: int
    paid_fen: int
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A basket that was put aside `minutes` ago; `fen` is what it cost then."""

    number: str
    at: str
    count: int
    fen: int
    minutes: int


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of a report; see `ReportLine` of `kiosk.domain.till_report`."""

    key: str
    of: Mapping[str, str]
    count: int | None = None
    fen: int | None = None
    head: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class ReportShown:
    """An X, or the Z that was just made (`closed`); `number` is that of the Z or of the next."""

    closed: bool
    number: int
    since: str
    until: str
    rows: tuple[ReportRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawerShown:
    """What should be in the drawer, and what the last count of this sitting found. Amounts in fen.

    `counted_fen` is None before a count; `moves` are the period's, as a report has them.
    """

    expected_fen: int
    counted_fen: int | None = None
    difference_fen: int = 0
    moves: tuple[ReportRow, ...] = ()
    opens: bool = False
