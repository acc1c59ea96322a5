"""Every call in order of arrival, and what a careful kiosk would never have done.

A call is on disk when it arrives and again with its answer, so the record of a killed sandbox
ends where it was killed. Codes appear by their last four digits only.
"""

from __future__ import annotations

from typing import Any

from kiosk.sandbox.books import Books
from kiosk.sandbox.clock import Clock, readable
from kiosk.sandbox.orders import REVERSIBLE_AFTER
from kiosk.sandbox.refund import RefundState
from kiosk.sandbox.scripts import Api, Subject
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Wallet

_SENT_TWICE = """
SELECT code_tail, group_concat(out_trade_no, ' ') AS orders, count(*) AS times FROM pay_call
WHERE code_mark IS NOT NULL GROUP BY code_mark HAVING count(*) > 1"""

_TOO_EARLY = """
SELECT r.seq, r.out_trade_no, round(r.at - max(p.at), 3) AS after_seconds
FROM call r JOIN pay_call p ON p.out_trade_no = r.out_trade_no AND p.seq < r.seq
WHERE r.api = 'reverse' GROUP BY r.seq HAVING r.at - max(p.at) < ?"""

_PAY_AFTER_REVERSE = """
SELECT DISTINCT p.seq, p.out_trade_no FROM pay_call p
JOIN call r ON r.out_trade_no = p.out_trade_no AND r.api = 'reverse' AND r.seq < p.seq
ORDER BY p.seq"""

_UNRESOLVED = """
SELECT DISTINCT out_trade_no FROM order_call c WHERE NOT EXISTS
(SELECT 1 FROM call d WHERE d.out_trade_no = c.out_trade_no AND d.definite
AND d.api IN ('micropay', 'facepay', 'orderquery', 'reverse', 'close',
'native', 'notify'))
ORDER BY out_trade_no"""

_LEARNED = """
SELECT 1 FROM call d WHERE d.definite AND (d.out_refund_no = c.out_refund_no
OR d.api = 'refundquery' AND d.out_refund_no = '' AND d.out_trade_no = c.out_trade_no)"""

_UNRESOLVED_REFUNDS = f"""
SELECT DISTINCT out_refund_no FROM call c
WHERE api = 'refund' AND out_refund_no <> '' AND NOT EXISTS ({_LEARNED})
ORDER BY out_refund_no"""  # noqa: S608  both parts stand here

_UNREPORTED = """
SELECT o.out_trade_no FROM orders o LEFT JOIN code ON mark = code_mark
WHERE paid_at IS NOT NULL AND coalesce(kind, 'payment') = 'payment' AND NOT EXISTS
(SELECT 1 FROM call r WHERE r.api = 'report' AND r.answer = 'SUCCESS'
AND (r.out_trade_no = o.out_trade_no OR r.code_mark = o.code_mark)) ORDER BY paid_at"""

_TOOK_UNSIGNED = """
SELECT seq, out_trade_no, faults, answer FROM call WHERE api = 'notify'
AND answer IN ('HTTP 200', 'HTTP 204')
AND (faults LIKE '%signtest%' OR faults LIKE '%wrong-signature%') ORDER BY seq"""

_WAITING = """
SELECT number FROM notice WHERE due_at IS NOT NULL UNION SELECT number FROM untold"""

_OPEN = """
SELECT out_trade_no FROM orders
WHERE state IN ('USERPAYING', 'NOTPAY', 'PAYERROR') ORDER BY created_at"""

_RENUMBERED = f"""
SELECT DISTINCT b.seq, b.out_trade_no, c.out_refund_no AS unanswered, b.out_refund_no AS sent
FROM call b JOIN call c ON c.out_trade_no = b.out_trade_no AND c.seq < b.seq
WHERE b.api = 'refund' AND c.api = 'refund' AND c.out_refund_no NOT IN ('', b.out_refund_no)
AND b.out_refund_no <> '' AND NOT EXISTS ({_LEARNED} AND d.seq < b.seq) ORDER BY b.seq"""  # noqa: S608  same


class Audit:
    """The record of calls, and the findings in it."""

    def __init__(self, store: Store, clock: Clock, wallet: Wallet, books: Books) -> None:
        self._store = store
        self._clock = clock
        self._wallet = wallet
        self._books = books

    def arrived(self, api: Api, subject: Subject) -> int:
        """Record a call; its place in the order of arrival."""
        code = subject.code
        return self._store.insert(
            "INSERT INTO call (at, api, out_trade_no, out_refund_no, code_mark, code_tail, faults)"
            " VALUES (?, ?, ?, ?, ?, ?, '')",
            self._clock.now(),
            api.value,
            subject.out_trade_no,
            subject.out_refund_no,
            self._wallet.mark(code) if code else None,
            code[-4:] if code else None,
        )

    def struck(self, seq: int, faults: str) -> None:
        """Record which scripts strike the call."""
        self._store.run("UPDATE call SET faults = ? WHERE seq = ?", faults, seq)

    def answered(self, seq: int, answer: str, *, definite: bool) -> None:
        """Record the answer; `definite` when it told the kiosk how the order ended."""
        self._store.run(
            "UPDATE call SET answer = ?, answered_at = ?, definite = ? WHERE seq = ?",
            *(answer, self._clock.now(), definite, seq),
        )

    def first_pay(self, out_trade_no: str) -> bool:
        """Whether the call just recorded is the first pay call with this number."""
        count = self._store.total(
            "SELECT count(*) FROM order_call WHERE out_trade_no = ?", out_trade_no
        )
        return count == 1

    def calls(self) -> list[dict[str, Any]]:
        """Every call, oldest first, as the control endpoint shows it."""
        return [
            {
                "seq": row["seq"],
                "at": readable(row["at"]),
                "api": row["api"],
                "out_trade_no": row["out_trade_no"],
                "out_refund_no": row["out_refund_no"],
                "code": row["code_tail"] and f"…{row['code_tail']}",
                "faults": row["faults"],
                "answer": row["answer"],
                "answered_at": row["answered_at"] and readable(row["answered_at"]),
                "definite": bool(row["definite"]),
            }
            for row in self._store.all("SELECT * FROM call ORDER BY seq")
        ]

    def findings(self) -> dict[str, Any]:
        """What went against the wallet's rules, and where the money is, in fen."""
        funded = self._store.total("SELECT sum(funded) FROM holder")
        balances = self._store.total("SELECT sum(balance) FROM holder")
        held = self._books.money_held()
        refunds = self._books.refunds
        found = {
            "codes_sent_twice": self._store.all(_SENT_TWICE),
            "reverses_too_early": self._store.all(_TOO_EARLY, self._clock.span(REVERSIBLE_AFTER)),
            "pays_after_reverse": self._store.all(_PAY_AFTER_REVERSE),
            "refunds_renumbered": self._store.all(_RENUMBERED),
            "unsigned_notices_taken": self._store.all(_TOOK_UNSIGNED),
        }
        return {
            "clean": not any(found.values()),
            **found,
            "unresolved_orders": self._numbers(_UNRESOLVED),
            "unresolved_refunds": self._numbers(_UNRESOLVED_REFUNDS),
            "open_orders": self._numbers(_OPEN),
            "unreported_orders": self._numbers(_UNREPORTED),
            "notices_waiting": self._numbers(_WAITING),
            "money_held": held,
            "refunds_done": refunds.total(RefundState.SUCCESS),
            "refunds_in_flight": refunds.total(RefundState.PROCESSING, RefundState.CHANGE),
            "refunds_by_order": refunds.by_order(),
            "balances": balances,
            "funded": funded,
            "books_balance": funded == balances + held,
        }

    def _numbers(self, query: str) -> list[str]:
        """The one column of a query."""
        return [next(iter(row.values())) for row in self._store.all(query)]
