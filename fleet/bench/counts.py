"""What the console asks of the counts, over a hundred thousand payments and over a million.

The rows are made as the books would leave them, and not through them: what is measured is reading.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from sqlalchemy import text

from fleet.bench.rows import Row
from fleet.console.questions.sums import DayFilter, day_sums, days, device_days
from fleet.console.roles import Role, User
from fleet.console.view import View
from fleet.database import Database

SMALL, LARGE = 100_000, 1_000_000
MERCHANTS, TERMINALS, DAYS = 20, 10, 50
FIRST = 20260101
TRIES = 15

# Number n is of merchant n mod 20 and his terminal n mod 10, on one of fifty days.
_PAYMENTS = f"""
INSERT INTO payment (merchant_id, terminal_id, out_trade_no, visit_id, channel, method, fen,
    currency, created_ms, state, transaction_id, taken_fen, ended_ms, day)
SELECT 'C' || (n % {MERCHANTS}), lpad(((n / {MERCHANTS}) % {TERMINALS})::text, 4, '0'),
    'C' || lpad(n::text, 20, '0'), '', CASE n % 3 WHEN 0 THEN 'alipay' ELSE 'wechatpay' END,
    CASE n % 2 WHEN 0 THEN 'FACE' ELSE 'CODE' END, 1280, 'CNY', 1767225600000 + n * 4000, 'PAID',
    '42' || lpad(n::text, 20, '0'), 1280, 1767225600000 + n * 4000, {FIRST} + (n % {DAYS})
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""  # noqa: S608 - of our own numbers
_DAYS = """
INSERT INTO device_day (merchant_id, terminal_id, day, channel, method, currency, paid, paid_fen)
SELECT merchant_id, terminal_id, day, channel, method, currency, count(*), sum(taken_fen)
FROM payment WHERE merchant_id LIKE 'C%' GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT (merchant_id, terminal_id, day, channel, method, currency)
DO UPDATE SET paid = excluded.paid, paid_fen = excluded.paid_fen
"""


def counts(url: str) -> Iterator[Row]:
    """The slowest of the console's questions about device days, over each number of payments."""
    database = Database(url)
    _fill(database, 1, SMALL)
    small = _slowest(database)
    _fill(database, SMALL + 1, LARGE)
    large = _slowest(database)
    database.close()
    yield Row(f"device-day counts over {SMALL:,} payments", f"{small:.0f} ms", "≤ 100")
    yield Row(f"device-day counts over {LARGE:,} payments", f"{large:.0f} ms", "≤ 100")


def _fill(database: Database, first: int, last: int) -> None:
    with database.write() as connection:
        connection.execute(text(_PAYMENTS), {"first": first, "last": last})
        connection.execute(text(_DAYS))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE payment"))
        connection.execute(text("ANALYZE device_day"))


def _slowest(database: Database) -> float:
    """Milliseconds, the middle of some tries of the slowest question."""
    provider = View(database, User("bench", Role.PROVIDER))
    merchant = View(database, User("bench", Role.MERCHANT, "C1"))
    newest = FIRST + DAYS - 1
    asked: list[Callable[[], object]] = [
        *(lambda view=view: day_sums(view, newest) for view in (provider, merchant)),
        *(
            lambda view=view: days(view, range(FIRST, FIRST + DAYS))
            for view in (provider, merchant)
        ),
        *(
            lambda view=view: device_days(view, DayFilter(first=FIRST, last=newest))
            for view in (provider, merchant)
        ),
    ]
    return max(statistics.median(_took(ask) for _ in range(TRIES)) for ask in asked)


def _took(ask: Callable[[], object]) -> float:
    start = time.perf_counter()
    ask()
    return (time.perf_counter() - start) * 1000
