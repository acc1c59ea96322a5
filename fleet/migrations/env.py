"""What Alembic runs for each of its commands: the steps, in the transaction it was handed."""

from typing import Any, Literal

from alembic import context

from fleet.schema import metadata
from fleet.tables import KEY


def _written(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """How a step writes a column's type down; False: as usual."""
    return "KEY" if kind == "type" and item is KEY else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by making the table anew
    render_item=_written,
)
context.run_migrations()
