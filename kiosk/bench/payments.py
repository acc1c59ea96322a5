"""Payments and refunds as the running core makes them: our own time, durable commits, money back.

    scanned ─ open, submit, sign │ network │ read, verify, record ─ paid │ slip made │ its entry
    └─────────── ours ───────────┘         └─────────── ours ────────────┘           └─ ours ─ ┄
    ┄ begun │ printed │ its result ─ written
    ┄ ours ─┘         └────── ours ────────┘

Where a step begins and ends the core's own trace says, the commits `watched` and the network
`relay`, all on the machine's one steady clock. So waiting for a thread or a flush is ours as well,
and so are the screens that change meanwhile.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kiosk.bench import account
from kiosk.bench.figure import Figure
from kiosk.bench.lane import Hand, Lane
from kiosk.bench.machine import busy_ms
from kiosk.bench.relay import Call
from kiosk.demo.settings import STAFF_PIN
from kiosk.demo.shopper import wait_for_tender
from kiosk.ledger.month import Month
from kiosk.messages import Screen, Showing
from kiosk.messages.staff import (
    AskRefund,
    CloseStaff,
    EnterPin,
    OpenStaff,
    PaymentShown,
    ShowPayments,
    StaffPage,
)

IDLE_PAGES = (StaffPage.HOME, StaffPage.PAYMENTS)

CODES = 24
FACES = 3
WARM = 2  # payments until everything is imported and the log has its size
_GIVEN_BACK = ("DONE", "PROCESSING")
_PAY = "POST /pay/micropay"

Step = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Commit:
    """One flush of the ledger's log: when, how long, and the entries (key, word) it made safe."""

    at_ms: float
    ms: float
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen; numbers of payments by tender, refunds in seconds.

    `busy` are the milliseconds of a processor that the core had for each code payment.
    """

    steps: Sequence[Step]
    calls: Sequence[Call]
    commits: Sequence[Commit]
    codes: Sequence[str]
    busy: Sequence[float]
    faces: Sequence[str]
    refunds: Sequence[float]
    account: Figure


def observe(folder: Path, codes: int = CODES, faces: int = FACES) -> Observed:
    """Pay and give back in a shop in `folder`. Raises KioskError for what does not come."""
    with Lane(folder) as lane, closing(Hand(lane)) as hand:
        hand.reaches(Screen.ATTRACT)
        alone = account.measure(lane, codes)
        paid = [_code_payment(lane, hand) for _ in range(WARM + codes)][WARM:]
        by_code = [number for number, _ in paid]
        refunds = list(_refunds(lane, hand, by_code))
        if faces:
            lane.start("faces")
            lane.enrol()
            wait_for_tender(lane)
        by_face = [hand.pays_by_face() for _ in range(faces)]
        # Before the core ends: its last flush is of no payment.
        return Observed(
            steps=_lines(lane.places.steps),
            calls=lane.relay.calls,
            commits=list(_commits(lane)),
            codes=by_code,
            busy=[ms for _, ms in paid],
            faces=by_face,
            refunds=refunds,
            account=alone,
        )


def figures(seen: Observed) -> list[Figure]:
    """The budgets of one payment and of one refund."""
    ours = [own_ms(number, seen.steps, seen.calls) for number in seen.codes]
    flushes = [sum(each.ms for each in commits_of(one, seen.commits)) for one in seen.codes]
    found = [
        seen.account,
        Figure(
            "the same in the running core, with its threads and screens",
            statistics.median(ours),
            "ms",
            None,
            note=f"median of {len(ours)} by code, from scan to slip written, but for the network "
            f"and the making and printing of the slip; flushes {statistics.median(flushes):.1f} ms "
            f"of it; a processor, slip included, {statistics.median(seen.busy):.1f} ms",
        ),
    ]
    for tender, numbers in (("code", seen.codes), ("face", seen.faces)):
        if numbers:
            most = max(numbers, key=lambda one: len(commits_of(one, seen.commits)))
            held = commits_of(most, seen.commits)
            note = f"worst of {len(numbers)}: {words(most, held)}"
            name = f"durable commits of a {tender} payment"
            found.append(Figure(name, float(len(held)), "commits", 4, note=note))
    found.append(
        Figure(
            "refund, from slip scan to channel answer",
            statistics.median(seen.refunds),
            "s",
            0.5,
            note=f"median of {len(seen.refunds)}, worst {max(seen.refunds):.2f} s; "
            "sandbox without delay",
        )
    )
    return found


def own_ms(number: str, steps: Sequence[Step], calls: Sequence[Call]) -> float:
    """Milliseconds of a code payment from its scan to the end of its slip that were ours."""
    at = {str(one["step"]): _ms(one) for one in steps if one.get("out_trade_no") == number}
    end = at["slip written"]
    begin = max(_ms(one) for one in steps if one["step"] == "scanned" and _ms(one) < at["token"])
    outside = sum(
        each.ended_ms - each.began_ms
        for each in calls
        if each.line.startswith(_PAY) and begin < each.began_ms < end
    )
    slip = (at["slip made"] - at["paid"]) + (at["slip complete"] - at["slip begun"])
    return end - begin - outside - slip


def commits_of(number: str, commits: Sequence[Commit]) -> list[Commit]:
    """The flushes that a payment waited for: those whose newest entry is its own.

    An entry that nothing waits for rides with the next flush, which is another payment's.
    """
    return [each for each in commits if each.entries[-1][0] == number]


def words(number: str, commits: Sequence[Commit]) -> str:
    """What each of a payment's commits held of it."""
    return " | ".join(
        " + ".join(word for key, word in each.entries if key == number) for each in commits
    )


def _code_payment(lane: Lane, hand: Hand) -> tuple[str, float]:
    """Its number, and how long the core had a processor for it."""
    hand.goes_to_code()
    before = busy_ms(lane.pid("core"))
    return hand.shows_code(), busy_ms(lane.pid("core")) - before


def _refunds(lane: Lane, hand: Hand, numbers: Sequence[str]) -> Iterator[float]:
    """Seconds of each refund, by staff who are signed in, from the slip's scan on."""
    hand.touches(OpenStaff())
    hand.sees(lambda seen: _page(seen) is StaffPage.PIN, "the PIN")
    hand.touches(EnterPin(STAFF_PIN))
    for number in numbers:
        hand.sees(lambda seen: _page(seen) in IDLE_PAGES, "a page without a payment")
        start = time.perf_counter()
        lane.scan(number)
        shown = hand.sees(lambda seen, one=number: _found(seen, one) is not None, number)  # type: ignore[misc]
        payment = _found(shown, number)
        assert payment is not None
        hand.touches(AskRefund(number, payment.left_fen, payment.left_fen))
        hand.sees(lambda seen, one=number: _given_back(seen, one), f"the refund of {number}")  # type: ignore[misc]
        yield time.perf_counter() - start
        hand.touches(ShowPayments())
    hand.touches(CloseStaff())
    hand.reaches(Screen.ATTRACT)


def _page(seen: Showing) -> StaffPage | None:
    return None if seen.staff is None else seen.staff.page


def _found(seen: Showing, number: str) -> PaymentShown | None:
    payment = None if seen.staff is None else seen.staff.payment
    return payment if payment is not None and payment.out_trade_no == number else None


def _given_back(seen: Showing, number: str) -> bool:
    payment = _found(seen, number)
    return payment is not None and any(each.state in _GIVEN_BACK for each in payment.refunds)


def _commits(lane: Lane) -> Iterator[Commit]:
    """Every flush with its entries: they are numbered in the order in which they were written."""
    (path,) = (lane.folder / "state" / "ledger").glob("ledger-*.db")
    with closing(Month(path, writable=False)) as month:
        entries = month.entries(0)
        for line in _lines(lane.commits):
            held = [next(entries) for _ in range(int(str(line["entries"])))]
            named = tuple((each.key, str(each.body.get("event", each.kind))) for each in held)
            yield Commit(_ms(line), float(str(line["ms"])), named)


def _lines(path: Path) -> list[Step]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _ms(step: Step) -> float:
    return float(str(step["at_ms"]))
