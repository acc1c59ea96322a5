"""A day's trades beside the movements of the account: every line of both gets a cause.

    trade bill      transaction_id or refund_id ─┐
                                                 ├─► FlowFinding(cause, trades, flows)
    fund-flow bill  business number ─────────────┘   and one for each balance that jumps

The amounts of the account are held against those of the trades, its fees against theirs. What the
trades come to and all differences together are what the balance has moved by on that day; no line
is in two findings or in none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.flow_cause import FlowCause
from kiosk.domain.fund_flow import FlowKind, FlowLine
from kiosk.domain.judge import BORDER_MS, NOT_HANDED_OVER, Scope
from kiosk.domain.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class FlowFinding:
    """All that both books say of one number of the channel; one side may be empty.

    `jump` is what a balance has beyond what follows from the row before; the finding is then about
    that alone, and its one row is in another finding as well.
    """

    cause: FlowCause
    trades: tuple[BillLine, ...]
    flows: tuple[FlowLine, ...]
    jump: Money = ZERO

    @property
    def number(self) -> str:
        """The merchant's number where one of the books has it, else the channel's."""
        if self.trades:
            return self.trades[0].out_refund_no or self.trades[0].out_trade_no
        return self.flows[0].voucher or self.flows[0].business_no or self.flows[0].number

    @property
    def at(self) -> str:
        """When, in Beijing: as the account says, else the trade bill."""
        return self.flows[0].at if self.flows else self.trades[0].at

    @property
    def here(self) -> Money:
        """What had to move by the trade bill, the fee taken off."""
        return Money(Due.of(*self.trades).net)

    @property
    def there(self) -> Money:
        """What moved on the account."""
        if self.cause is FlowCause.BALANCE_JUMPS:
            return self.jump
        return Money(sum(flow.amount.fen for flow in self.flows))

    @property
    def difference(self) -> Money:
        """What moved beyond what had to."""
        return self.there - self.here


@dataclass(frozen=True, slots=True)
class Due:
    """What a trade has to move on the account, in fen: its amount, signed, and its fee."""

    fen: int
    fee: int

    @classmethod
    def of(cls, *trades: BillLine) -> Due:
        """All of them together; a refund that failed moves nothing, nor does its fee."""
        moving = [trade for trade in trades if not _failed(trade)]
        return cls(sum(map(_signed, moving)), sum(trade.fee.fen for trade in moving))

    @property
    def net(self) -> int:
        """What the account has in the end."""
        return self.fen - self.fee


def _signed(trade: BillLine) -> int:
    amount = trade.amount if trade.settled is None else trade.settled
    return amount.fen if trade.kind is LineKind.PAYMENT else -amount.fen


def _failed(trade: BillLine) -> bool:
    return trade.kind is LineKind.REFUND and trade.state in NOT_HANDED_OVER


def compare(
    trades: Iterable[BillLine], flows: Sequence[FlowLine], scope: Scope
) -> Iterator[FlowFinding]:
    """One finding for each number in either book, sorted, then one for each jump of the balance.

    `flows` in the order of their file; `trades` in any.
    """
    ours: defaultdict[str, list[BillLine]] = defaultdict(list)
    theirs: defaultdict[str, list[FlowLine]] = defaultdict(list)
    for trade in trades:
        ours[trade.refund_id or trade.transaction_id].append(trade)
    for flow in flows:
        if flow.kind is not FlowKind.OTHER:
            theirs[flow.business_no].append(flow)
    for number in sorted(ours.keys() | theirs.keys()):
        here, there = tuple(ours.get(number, ())), tuple(theirs.get(number, ()))
        yield FlowFinding(_judge(here, there, scope), here, there)
    for flow in flows:
        if flow.kind is FlowKind.OTHER:
            yield FlowFinding(FlowCause.NO_SALE, (), (flow,))
    yield from _jumps(flows)


def _jumps(flows: Sequence[FlowLine]) -> Iterator[FlowFinding]:
    for before, flow in pairwise(flows):
        jump = flow.balance - before.balance - flow.amount
        if jump:
            yield FlowFinding(FlowCause.BALANCE_JUMPS, (), (flow,), jump)


def _judge(trades: tuple[BillLine, ...], flows: tuple[FlowLine, ...], scope: Scope) -> FlowCause:
    if not trades:
        return _untraded(flows, scope)
    if not flows:
        return _unmoved(trades, scope)
    if any(_failed(trade) for trade in trades):
        return FlowCause.FAILED_YET_MOVED
    due = Due.of(*trades)
    amounts = [flow.amount.fen for flow in flows if flow.kind is not FlowKind.FEE]
    if sum(amounts) != due.fen:
        twice = len(amounts) > len(trades)
        return FlowCause.MOVED_TWICE if twice else FlowCause.OTHER_SUM
    moved = sum(flow.amount.fen for flow in flows)
    return FlowCause.SETTLED if moved == due.net else FlowCause.OTHER_FEE


def _unmoved(trades: tuple[BillLine, ...], scope: Scope) -> FlowCause:
    due = Due.of(*trades)
    if not due.fen and not due.fee:
        return FlowCause.NOTHING_DUE
    # Asked for on this day and done on another one: nothing is wrong with that.
    if all(trade.kind is LineKind.REFUND for trade in trades):
        return FlowCause.REFUND_UNDER_WAY
    late = all(trade.at_ms >= scope.end_ms - BORDER_MS for trade in trades)
    return FlowCause.MOVED_NEXT_DAY if late else FlowCause.NEVER_MOVED


def _untraded(flows: tuple[FlowLine, ...], scope: Scope) -> FlowCause:
    if any(flow.kind is FlowKind.REFUND for flow in flows):
        return FlowCause.REFUND_OF_BEFORE
    early = all(flow.at_ms < scope.start_ms + BORDER_MS for flow in flows)
    return FlowCause.TRADED_DAY_BEFORE if early else FlowCause.NO_TRADE
