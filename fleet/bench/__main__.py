"""`python -m fleet.bench`: the fleet's figures as one table, all on the same PostgreSQL.

The database is thrown away afterwards. What is measured stands in a file each.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fleet.bench.counts import counts
from fleet.bench.ingest import ingest
from fleet.bench.payment import payment
from fleet.bench.poll import poll
from fleet.database import Database
from fleet.migrations.migrate import migrate
from fleet.testing import missing_program, postgres

MEASURES = (payment, ingest, poll, counts)


def main() -> int:
    """Print the table; 1 where there is no PostgreSQL."""
    if missing_program():
        sys.stderr.write(f"{missing_program()} is not installed here: nothing was measured\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgres(Path(folder)) as url:
        database = Database(url)
        migrate(database)
        database.close()
        for measure in MEASURES:
            for row in measure(url):
                budget = f"   budget {row.budget}" if row.budget else ""
                sys.stdout.write(f"{row.what:<44}{row.found:>20}{budget}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
