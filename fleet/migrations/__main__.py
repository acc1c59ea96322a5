"""Writes the next step, from what the tables say beyond the steps so far."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.script import Script, ScriptDirectory

from fleet.database import Database
from fleet.migrations.migrate import config, migrate


def main(words: Sequence[str]) -> int:
    """Write `versions/NNNN_words.py`; the exit status."""
    if not words:
        sys.stderr.write("say in a few words what the step does\n")
        return 2
    number = sum(1 for _ in ScriptDirectory.from_config(config()).walk_revisions()) + 1
    database = Database("sqlite://")
    try:
        migrate(database)
        with database.write() as connection:
            step = command.revision(
                config(connection), " ".join(words), autogenerate=True, rev_id=f"{number:04d}"
            )
    finally:
        database.close()
    assert isinstance(step, Script)
    _tidy(Path(step.path))
    return 0


def _tidy(step: Path) -> None:
    lines = step.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.lstrip().startswith("# ###")]
    step.write_text("".join(kept), "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(step)], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
