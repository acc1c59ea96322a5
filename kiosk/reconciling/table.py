"""A comparison for a person in a terminal.

2026-03-01 wechatpay, terminal 10000001
                  numbers          here         there    difference
matched               118      1,234.50      1,234.50          0.00
missing here            1          0.00         13.80         13.80
…
all                   119      1,234.50      1,248.30         13.80

missing here: this terminal's number, and no trace of it in the ledger (1)
→ book the payment
  000126030112000012345678                      13.80  2026-03-01 12:00:05
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.domain.difference import Cause, Reason, Repair, Verdict
from kiosk.domain.tally import Compared, Sum, Tally

SHOWN = 10  # numbers of each cause; the CSV file has all


@dataclass(slots=True)
class Summary:
    """All findings counted, and the first few of each cause that asks for a step.

    `causes` are those that the two books can have, in the order in which they are told.
    """

    causes: type[Reason] = Cause
    tally: Tally = field(default_factory=Tally)
    first: dict[Reason, list[Compared]] = field(default_factory=dict)

    def put(self, finding: Compared) -> None:
        """Take one more into account."""
        self.tally.add(finding)
        if finding.cause.repair is not Repair.NOTHING:
            shown = self.first.setdefault(finding.cause, [])
            if len(shown) < SHOWN:
                shown.append(finding)

    @property
    def differs(self) -> bool:
        """Whether somebody has something to do."""
        return bool(self.first)


def as_text(summary: Summary, title: str) -> str:
    """The sums by verdict, then each cause with its step and its first numbers."""
    return "\n".join([title, *_sums(summary.tally), *_causes(summary)]) + "\n"


def _sums(tally: Tally) -> Iterator[str]:
    yield f"{'':<18}{'numbers':>9}{'here':>15}{'there':>15}{'difference':>15}"
    for currency in sorted({currency for _, currency in tally.sums}):
        unit = "" if currency == "CNY" else f" {currency}"
        for verdict in Verdict:
            total = tally.total(currency, verdict)
            if total.numbers:
                yield _row(f"{verdict.value}{unit}", total)
        yield _row(f"all{unit}", tally.total(currency))


def _row(name: str, total: Sum) -> str:
    fens = (total.here, total.there, total.there - total.here)
    return f"{name:<18}{total.numbers:>9}" + "".join(f"{_yuan(fen):>15}" for fen in fens)


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _causes(summary: Summary) -> Iterator[str]:
    for cause in summary.causes:
        count = summary.tally.numbers(cause)
        if not count or cause.verdict is Verdict.MATCHED:
            continue
        yield ""
        yield f"{cause.verdict.value}: {cause.words} ({count})"
        yield f"→ {cause.repair.value}"
        shown = summary.first.get(cause, [])
        yield from map(_line, shown)
        if shown and count > len(shown):
            yield f"  … and {count - len(shown)} more"


def _line(finding: Compared) -> str:
    # A number of somebody else's may hold anything; a terminal is told only what can be seen.
    shown = "".join(mark if mark.isprintable() else "?" for mark in finding.number)
    return f"  {shown:<36}{_yuan(finding.difference.fen):>15}  {finding.at}"
